//! Rule for files of the root that must be in each published crate too, since only that crate's
//! directory is published.

use super::Violation;

pub(super) fn check(original: &str, copy: Option<&str>) -> Vec<Violation> {
    let text = match copy {
        Some(copy) if copy == original => return Vec::new(),
        Some(_) => "differs from the one at the root",
        None => "is missing: copy the one at the root",
    };
    vec![Violation { line: 1, text: text.to_owned() }]
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_copy_is_there_and_the_same() {
        let violation = |copy| check("a\n", copy).into_iter().map(|it| it.text).next();
        assert_eq!(violation(Some("a\n")), None);
        assert_eq!(violation(Some("a")).as_deref(), Some("differs from the one at the root"));
        assert_eq!(violation(None).as_deref(), Some("is missing: copy the one at the root"));
    }
}
