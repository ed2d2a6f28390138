//! Rule for files of the root that must be in each published crate too, since only that crate's
//! directory is published.

use super::Complaint;

pub(super) fn check(original: &str, copy: Option<&str>) -> Vec<Complaint> {
    let text = match copy {
        Some(copy) if copy == original => return Vec::new(),
        Some(_) => "differs from the one at the root",
        None => "is missing: copy the one at the root",
    };
    vec![Complaint { line: 1, text: text.to_owned() }]
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_copy_is_there_and_the_same() {
        let complaint = |copy| check("a\n", copy).into_iter().map(|it| it.text).next();
        assert_eq!(complaint(Some("a\n")), None);
        assert_eq!(complaint(Some("a")).as_deref(), Some("differs from the one at the root"));
        assert_eq!(complaint(None).as_deref(), Some("is missing: copy the one at the root"));
    }
}
