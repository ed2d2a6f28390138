//! A block in, whether the caller sees it out.
//!
//! Looks at a block after the parser has taken its ID and its reconnection time, so that to be
//! hidden changes nothing but what is seen; and before an event is made of it.

use std::sync::Arc;

use sse_core::EventRef;

use crate::threads::{MaybeSendSync, Shared};

/// Which blocks are shown: those with data, if they are of a type that is wanted, and of those
/// without data the kinds that were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) types: Types,
    pub(crate) comments: Visibility,
    pub(crate) retry: Visibility,
    pub(crate) other: Visibility,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Visibility {
    Shown,
    #[default]
    Hidden,
}

/// The event types that are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) enum Types {
    #[default]
    All,
    Those(Shared<dyn TypePredicate>),
}

pub(crate) trait TypePredicate: Fn(&str) -> bool + MaybeSendSync {}

impl<F: Fn(&str) -> bool + MaybeSendSync> TypePredicate for F {}

impl Filter {
    /// Whether any block without data is shown.
    pub(crate) fn shows_dataless(&self) -> bool {
        [self.comments, self.retry, self.other].contains(&Visibility::Shown)
    }

    /// Whether no message is hidden.
    pub(crate) fn shows_all_messages(&self) -> bool {
        matches!(self.types, Types::All)
    }

    pub(crate) fn shows(&self, event: &EventRef<'_>) -> bool {
        if event.has_data() {
            return self.types.includes(event);
        }
        (self.comments.is_shown() && event.comments().is_some())
            || (self.retry.is_shown() && event.retry().is_some())
            || (self.other.is_shown() && (event.id().is_some() || event.event().is_some()))
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

impl Visibility {
    pub(crate) fn is_shown(self) -> bool {
        self == Self::Shown
    }
}

#[cfg(test)]
mod tests {
    use sse_core::Parser;

    use super::{Filter, Types, Visibility};

    fn shows(filter: &Filter, text: &str) -> bool {
        let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
        filter.shows(&parser.next_ref(&mut text.as_bytes()).unwrap().unwrap())
    }

    #[test]
    fn each_kind_of_block_is_shown_by_its_own_switch() {
        use Visibility::{Hidden, Shown};
        let nothing = Filter::default();
        let comments = Filter { comments: Shown, ..Filter::default() };
        let retry = Filter { retry: Shown, ..Filter::default() };
        let other = Filter { other: Shown, ..Filter::default() };
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
            let shown = [&nothing, &comments, &retry, &other].map(|filter| shows(filter, text));
            assert_eq!(shown, expected, "{text:?}");
        }
        assert_eq!(nothing.comments, Hidden);
    }

    #[test]
    fn types_that_are_not_wanted_are_hidden_but_not_what_else_was_asked_for() {
        let types = Types::those(|event_type| matches!(event_type, "message" | "add"));
        let (comments, retry, other) = (Visibility::Shown, Visibility::Shown, Visibility::Shown);
        let filter = Filter { types, comments, retry, other };
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
