//! A block in, whether the caller sees it out.
//!
//! Looks at a block only after the parser has taken its ID and its reconnection time: to be hidden
//! changes nothing but what is seen.

use sse_core::ServerSentEvent;

/// Which blocks without data are shown. Those with data always are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter {
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

impl Filter {
    /// Whether any block without data is shown.
    pub(crate) fn shows_dataless(self) -> bool {
        [self.comments, self.retry, self.other].contains(&Visibility::Shown)
    }

    pub(crate) fn shows(self, event: &ServerSentEvent) -> bool {
        event.has_data()
            || (self.comments.is_shown() && event.comments().is_some())
            || (self.retry.is_shown() && event.retry().is_some())
            || (self.other.is_shown() && (event.id().is_some() || event.event().is_some()))
    }
}

impl Visibility {
    pub(crate) fn is_shown(self) -> bool {
        self == Self::Shown
    }
}

#[cfg(test)]
mod tests {
    use sse_core::{Parser, ServerSentEvent};

    use super::{Filter, Visibility};

    fn block(text: &'static str) -> ServerSentEvent {
        let mut parser = Parser::new().with_comments().with_dataless_blocks();
        parser.next(&mut text.into()).unwrap().unwrap()
    }

    #[test]
    fn each_kind_of_block_is_shown_by_its_own_switch() {
        use Visibility::{Hidden, Shown};
        let nothing = Filter::default();
        let comments = Filter { comments: Shown, ..nothing };
        let retry = Filter { retry: Shown, ..nothing };
        let other = Filter { other: Shown, ..nothing };
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
            let event = block(text);
            let shown = [nothing, comments, retry, other].map(|filter| filter.shows(&event));
            assert_eq!(shown, expected, "{text:?}");
        }
        assert_eq!(nothing.comments, Hidden);
    }
}
