//! Decides which blocks the caller sees.
//!
//! A block is examined before an event is made of it, and after the parser has taken its ID and its
//! reconnection time, so that hiding a block changes nothing else.

use std::sync::Arc;

use sse_core::EventRef;

use crate::threads::{MaybeSendSync, Shared};

/// Selection of the blocks to show: those with data, by event type, and those without data, by
/// kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) types: Types,
    pub(crate) show_comments: bool,
    pub(crate) show_retry: bool,
    /// Blocks with an ID or an event type and no data.
    pub(crate) show_dataless: bool,
}

/// Selection by event type.
#[derive(Debug, Clone, Default)]
pub(crate) enum Types {
    #[default]
    All,
    Those(Shared<dyn TypePredicate>),
}

pub(crate) trait TypePredicate: Fn(&str) -> bool + MaybeSendSync {}

impl<F: Fn(&str) -> bool + MaybeSendSync> TypePredicate for F {}

impl Filter {
    /// Returns `true` if any block without data is shown.
    pub(crate) fn shows_any_dataless(&self) -> bool {
        self.show_comments || self.show_retry || self.show_dataless
    }

    /// Returns `true` if no message is hidden.
    pub(crate) fn shows_all_messages(&self) -> bool {
        matches!(self.types, Types::All)
    }

    pub(crate) fn shows(&self, event: &EventRef<'_>) -> bool {
        if event.has_data() {
            return self.types.includes(event);
        }
        (self.show_comments && event.comments().is_some())
            || (self.show_retry && event.retry().is_some())
            || (self.show_dataless && (event.id().is_some() || event.event().is_some()))
    }
}

impl Types {
    pub(crate) fn those(predicate: impl TypePredicate + 'static) -> Self {
        Self::Those(Shared(Arc::new(predicate)))
    }

    fn includes(&self, event: &EventRef<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Those(predicate) => (predicate.0)(&event.event_type()),
        }
    }
}

#[cfg(test)]
mod tests {
    use sse_core::Parser;

    use super::{Filter, Types};

    fn shows(filter: &Filter, text: &str) -> bool {
        let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
        filter.shows(&parser.next_ref(&mut text.as_bytes()).unwrap().unwrap())
    }

    #[test]
    fn each_kind_of_block_is_shown_by_its_own_switch() {
        let nothing = Filter::default();
        let comments = Filter { show_comments: true, ..Filter::default() };
        let retry = Filter { show_retry: true, ..Filter::default() };
        let dataless = Filter { show_dataless: true, ..Filter::default() };
        let cases = [
            ("data\n\n", [true, true, true, true]),
            (": hi\n\n", [false, true, false, false]),
            ("retry: 1\n\n", [false, false, true, false]),
            (": hi\nretry: 1\n\n", [false, true, true, false]),
            ("id: 1\n\n", [false, false, false, true]),
            ("event: e\n\n", [false, false, false, true]),
            ("id: 1\n: hi\n\n", [false, true, false, true]),
        ];
        for (text, expected) in cases {
            let shown = [&nothing, &comments, &retry, &dataless].map(|filter| shows(filter, text));
            assert_eq!(shown, expected, "{text:?}");
        }
    }

    #[test]
    fn types_filter_hides_other_types_but_not_comments_that_are_shown() {
        let types = Types::those(|event_type| matches!(event_type, "message" | "add"));
        let filter = Filter { types, show_comments: true, show_retry: true, show_dataless: true };
        let cases = [
            ("data\n\n", true),
            ("event: message\ndata\n\n", true),
            ("event: add\ndata\n\n", true),
            ("event: Add\ndata\n\n", false),
            ("event: remove\ndata\n\n", false),
            (": hi\nretry: 1\nid: 1\nevent: remove\ndata\n\n", false),
            (": hi\n\n", true),
            ("event: remove\n\n", true),
        ];
        for (text, expected) in cases {
            assert_eq!(shows(&filter, text), expected, "{text:?}");
        }
    }
}
