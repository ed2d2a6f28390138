//! The rows of the table, in groups.

mod bytes;
mod fields;
mod heads;
mod ends;
mod reconnection;
mod ids;
mod callers;
mod cancellation;

use crate::row::Row;

/// Returns the groups with their titles, in the order of the table.
pub(crate) fn all() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        ("Bytes to lines", bytes::rows()),
        ("Lines to events", fields::rows()),
        ("Heads", heads::rows()),
        ("Ends without reconnection", ends::rows()),
        ("Reconnection", reconnection::rows()),
        ("Last event ID", ids::rows()),
        ("In the caller's code", callers::rows()),
        ("Cancellation", cancellation::rows()),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_row_has_a_name_of_its_own_and_a_reason_for_departing() {
        let mut names = std::collections::HashSet::new();
        for (_, rows) in super::all() {
            assert!(!rows.is_empty());
            for row in rows {
                assert!(names.insert(row.name), "{}", row.name);
                assert!(!row.reason.is_empty(), "{}", row.name);
            }
        }
    }
}
