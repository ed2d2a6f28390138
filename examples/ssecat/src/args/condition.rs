//! Conditions on the JSON of an event's data, written as `PATH=VALUE`.

use std::str::FromStr;

use serde_json::Value;

/// Condition on JSON: the value at a path is this one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JsonCondition {
    /// Text of the condition on the command line.
    text: String,
    /// Keys of objects and indexes of arrays, from the outermost one on.
    path: Vec<String>,
    value: String,
}

impl JsonCondition {
    /// Returns `true` if the text is JSON in which the path leads to the value: a string with this
    /// text, or another value that is written so. Whatever is not there, or not JSON, is not equal.
    pub(crate) fn is_met_by(&self, data: &str) -> bool {
        let Ok(json) = serde_json::from_str::<Value>(data) else { return false };
        let found = self.path.iter().try_fold(&json, |json, step| match json {
            Value::Object(fields) => fields.get(step),
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        });
        match found {
            Some(Value::String(text)) => *text == self.value,
            Some(other) => {
                serde_json::from_str(&self.value).is_ok_and(|value: Value| value == *other)
            }
            None => false,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for JsonCondition {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let (path, value) = word.split_once('=').ok_or("no `=` between path and value")?;
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err("path has an empty key; keys are separated by dots".to_owned());
        }
        Ok(Self { text: word.to_owned(), path, value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::JsonCondition;

    #[test]
    fn json_condition_compares_the_value_at_its_path() -> Result<(), String> {
        let data =
            r#"{"a":{"b":["x",{"c":"stop"}],"n":null,"t":true,"e":"","2":"two"},"i":429,"=":"="}"#;
        let met = [
            "a.b.0=x",
            "a.b.1.c=stop",
            "a.n=null",
            "a.t=true",
            "a.e=",
            "a.2=two",
            "i=429",
            r#"a.b.1={"c": "stop"}"#,
        ];
        for word in met {
            assert!(word.parse::<JsonCondition>()?.is_met_by(data), "{word}");
        }
        for word in ["a.b.2=x", "a.b=x", "a.b.x=x", "i.b=1", "i=42", "z=null", "a.e=null", "a.t=1"]
        {
            assert!(!word.parse::<JsonCondition>()?.is_met_by(data), "{word}");
        }
        for data in ["", "[DONE]", "{", "null", "3"] {
            assert!(!"a=1".parse::<JsonCondition>()?.is_met_by(data), "{data}");
        }
        Ok(())
    }

    #[test]
    fn json_condition_needs_a_path_and_a_value() {
        for word in ["", "a", "=x", "a.=x", ".a=x", "a..b=x"] {
            assert!(word.parse::<JsonCondition>().is_err(), "{word}");
        }
    }
}
