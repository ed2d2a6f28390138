//! Paths to values in JSON, such as `choices.0.finish_reason`.
//!
//! Finds the text of values, so that a caller can compare or replace them and leave the rest of the
//! JSON as it is.

use std::{error::Error, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Path to values in JSON, written as keys of objects and indexes of arrays with dots between them
/// (feature `recording`).
///
/// `*` stands for any key and any index. A key with a dot in it cannot be written.
///
/// ```
/// use sse_test::JsonPath;
///
/// # fn main() -> Result<(), sse_test::InvalidJsonPath> {
/// let json = r#"{"choices": [{"finish_reason": "stop"}, {"finish_reason": null}]}"#;
/// let path: JsonPath = "choices.0.finish_reason".parse()?;
/// assert_eq!(path.values(json), [r#""stop""#]);
/// let path: JsonPath = "choices.*.finish_reason".parse()?;
/// assert_eq!(path.values(json), [r#""stop""#, "null"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPath {
    steps: Vec<String>,
}

impl JsonPath {
    /// Returns the text of each value that the path leads to, in the order of the JSON.
    ///
    /// It is empty if the path leads to no value, or the text is not JSON. Of a key that occurs
    /// more than once in an object, each value counts. An object with a key that is not a text,
    /// such as `"\ud800"`, has no values.
    #[must_use]
    pub fn values<'a>(&self, json: &'a str) -> Vec<&'a str> {
        let mut found = Vec::new();
        // An object that cannot be read does not hide the values of others.
        let _ = self.collect(json, &mut found);
        found
    }

    /// Returns the text of each value that the path leads to, or an error if a part of the JSON
    /// that the path leads through cannot be read.
    pub(crate) fn find<'a>(&self, json: &'a str) -> serde_json::Result<Vec<&'a str>> {
        let mut found = Vec::new();
        self.collect(json, &mut found)?;
        Ok(found)
    }

    fn collect<'a>(&self, json: &'a str, found: &mut Vec<&'a str>) -> serde_json::Result<()> {
        collect(&self.steps, serde_json::from_str(json)?, found)
    }
}

/// Collects the values of all children that can be read, and returns the first error.
fn collect<'a>(
    steps: &[String],
    value: &'a RawValue,
    found: &mut Vec<&'a str>,
) -> serde_json::Result<()> {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value.get());
        return Ok(());
    };
    if !value.get().starts_with(['{', '[']) {
        return Ok(());
    }
    // The keys of an object are decoded here first: the outer parser skips them unchecked.
    let Children(children) = serde_json::from_str(value.get())?;
    let matching = children.into_iter().filter(|(name, _)| step == "*" || step == name);
    let mut result = Ok(());
    for (_, child) in matching {
        result = result.and(collect(rest, child, found));
    }
    result
}

impl FromStr for JsonPath {
    type Err = InvalidJsonPath;

    fn from_str(text: &str) -> Result<Self, InvalidJsonPath> {
        let steps: Vec<_> = text.split('.').map(str::to_owned).collect();
        if steps.iter().any(String::is_empty) {
            Err(InvalidJsonPath(()))
        } else {
            Ok(Self { steps })
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.steps.join("."))
    }
}

/// Error of a [`JsonPath`] that is empty or has an empty key (feature `recording`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidJsonPath(());

impl fmt::Display for InvalidJsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("path has an empty key; keys are separated by dots")
    }
}

impl Error for InvalidJsonPath {}

/// Members of an object with their keys, or elements of an array with their indexes.
struct Children<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Children<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Children<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Children<'de>, A::Error> {
                let mut children = Vec::new();
                while let Some(child) = map.next_entry()? {
                    children.push(child);
                }
                Ok(Children(children))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Children<'de>, A::Error> {
                let mut children = Vec::new();
                while let Some(value) = seq.next_element()? {
                    children.push((children.len().to_string(), value));
                }
                Ok(Children(children))
            }
        }

        deserializer.deserialize_any(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::JsonPath;

    #[test]
    fn json_path_leads_through_keys_indexes_and_wildcards() {
        let json =
            r#" {"a": {"b": ["x", {"c": [1, 2.50]}], "é\"": true}, "a": {"b": 2}, "*": 1e400} "#;
        let cases: [(&str, &[&str]); 12] = [
            ("a.b.0", &[r#""x""#]),
            ("a.b.1.c", &["[1, 2.50]"]),
            ("a.b.1.c.1", &["2.50"]),
            ("a.b.*.c.*", &["1", "2.50"]),
            ("a.é\"", &["true"]),
            ("a.b", &[r#"["x", {"c": [1, 2.50]}]"#, "2"]),
            ("*", &[r#"{"b": ["x", {"c": [1, 2.50]}], "é\"": true}"#, r#"{"b": 2}"#, "1e400"]),
            ("a.b.2", &[]),
            ("a.b.-1", &[]),
            ("a.b.99999999999999999999999", &[]),
            ("a.b.0.x", &[]),
            ("z", &[]),
        ];
        for (path, expected) in cases {
            assert_eq!(path.parse::<JsonPath>().unwrap().values(json), expected, "{path}");
        }
        let path: JsonPath = "a".parse().unwrap();
        for json in ["", "[DONE]", "{", "null", "3", r#"{"a":1"#, r#"{"a":1} x"#] {
            assert!(path.values(json).is_empty(), "{json}");
        }
        let broken = r#"[{"a":1},{"a":{"\ud800":1,"b":2}}]"#;
        assert_eq!("*.a".parse::<JsonPath>().unwrap().find(broken).unwrap().len(), 2);
        let path: JsonPath = "*.*.b".parse().unwrap();
        assert!(path.find(broken).is_err());
        assert!(path.values(broken).is_empty());
        let path: JsonPath = "*.*.*".parse().unwrap();
        let broken = r#"[{"a":{"\ud800":1}},{"a":{"b":2}}]"#;
        assert_eq!(path.values(broken), ["2"]);
        // Deeper than any recursion could go.
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(path.values(&deep).len(), 1);
    }

    #[test]
    fn json_path_without_a_key_is_invalid() {
        for text in ["", ".", "a.", ".a", "a..b"] {
            assert!(text.parse::<JsonPath>().is_err(), "{text}");
        }
        assert_eq!("a.0.*".parse::<JsonPath>().unwrap().to_string(), "a.0.*");
    }
}
