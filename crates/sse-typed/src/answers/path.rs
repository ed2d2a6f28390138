//! Paths into JSON: keys and indexes with dots between them, and `*` for all elements of an array.

use serde_json::Value;

/// Calls `visit` with each value at a path, in their order, until it returns something.
///
/// Elements that say `"thought": true` are left out by `*`: they are Gemini's thoughts, which stand
/// among the parts of its answer.
pub(super) fn find<T>(
    value: &Value,
    path: &str,
    visit: &mut impl FnMut(&Value) -> Option<T>,
) -> Option<T> {
    if path.is_empty() {
        return visit(value);
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Array(elements) if step == "*" => {
            elements.iter().filter(|it| !is_thought(it)).find_map(|it| find(it, rest, visit))
        }
        Value::Array(elements) => {
            elements.get(step.parse::<usize>().ok()?).and_then(|it| find(it, rest, visit))
        }
        Value::Object(fields) => fields.get(step).and_then(|it| find(it, rest, visit)),
        _ => None,
    }
}

/// Returns the first value at one of these paths that is not null.
pub(super) fn first<'a>(value: &Value, paths: &[&'a str]) -> Option<(Value, &'a str)> {
    paths.iter().find_map(|path| {
        let mut present = |it: &Value| (!it.is_null()).then(|| it.clone());
        find(value, path, &mut present).map(|found| (found, *path))
    })
}

fn is_thought(value: &Value) -> bool {
    value.get("thought") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, vec::Vec};

    use serde_json::json;

    use super::find;

    #[test]
    fn a_path_has_keys_indexes_and_all_elements() {
        let value = json!({"a": [{"b": "1"}, {"b": "2", "thought": true}, {"b": "3"}], "c": "4"});
        for (path, expected) in [
            ("a.0.b", &["1"][..]),
            ("a.*.b", &["1", "3"]),
            ("c", &["4"]),
            ("a.b", &[]),
            ("a.7.b", &[]),
            ("c.d", &[]),
        ] {
            let mut found = Vec::new();
            let mut visit = |value: &serde_json::Value| -> Option<()> {
                found.extend(value.as_str().map(ToOwned::to_owned));
                None
            };
            find(&value, path, &mut visit);
            assert_eq!(found, expected, "{path}");
        }
    }
}
