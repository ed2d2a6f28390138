//! The table: scenarios by topic.

mod fields;
mod ids;
mod view;
mod ends;
mod responses;
mod redirects;
mod reconnection;
mod regular_ends;
mod requests;
mod credentials;
mod limits;
mod codings;
mod http2;
mod deadlines;
mod handles;

use std::collections::HashSet;

use crate::scenario::Scenario;

/// Returns the topics and their scenarios, in the order of the documentation.
pub(crate) fn topics() -> Vec<(&'static str, Vec<Scenario>)> {
    vec![
        ("Fields", fields::scenarios()),
        ("IDs", ids::scenarios()),
        ("View", view::scenarios()),
        ("Ends", ends::scenarios()),
        ("Responses", responses::scenarios()),
        ("Redirects", redirects::scenarios()),
        ("Reconnection", reconnection::scenarios()),
        ("Regular ends", regular_ends::scenarios()),
        ("Requests", requests::scenarios()),
        ("Credentials", credentials::scenarios()),
        ("Limits", limits::scenarios()),
        ("Content codings", codings::scenarios()),
        ("HTTP/2", http2::scenarios()),
        ("Deadlines", deadlines::scenarios()),
        ("Handles", handles::scenarios()),
    ]
}

#[test]
fn names_of_scenarios_are_unique() {
    let topics = topics();
    let names: Vec<_> = topics.iter().flat_map(|(_, it)| it).map(|it| it.name).collect();
    let unique: HashSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
}
