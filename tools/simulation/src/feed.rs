//! Feed: everything that the model server has to say in one life, and where it resumes.

use crate::chance::Chance;

/// Items in the order in which they are sent.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) items: Vec<Item>,
    pub(crate) resume: ServerResume,
    /// Position of a server that does not repeat anything.
    pub(crate) live: usize,
}

/// Item of a feed: a block with a place in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) id: Option<String>,
    pub(crate) event: Option<&'static str>,
    /// `None` if it is a block without data.
    pub(crate) data: Option<String>,
    /// `true` if the item exceeds the limits of lives that have small ones.
    pub(crate) is_huge: bool,
}

/// Strategy by which a server resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerResume {
    /// Every item has an ID of its own, and the server resumes after it.
    Exact,
    /// Some items have none, or one that repeats; the server resumes after the last that has it.
    Partial,
    /// The server sends what is new, and repeats nothing.
    Live,
    /// The server starts from the beginning.
    Forgetful,
}

impl Feed {
    pub(crate) fn new(chance: &mut Chance, has_huge: bool, has_unsendable: bool) -> Self {
        use ServerResume::{Exact, Forgetful, Live, Partial};
        let resume = chance.pick(&[Exact, Exact, Exact, Exact, Partial, Partial, Live, Forgetful]);
        let len = chance.pick(&[0, 1, 3, 8, 8, 20, 40]);
        let mut items: Vec<_> =
            (0..len).map(|index| item(chance, index, resume, has_huge, has_unsendable)).collect();
        if chance.percent(60) {
            let id = (resume == Exact).then(|| format!("e{len}"));
            let data = Some(format!("item {len}"));
            items.push(Item { id, event: Some(TERMINAL), data, is_huge: false });
        }
        Self { items, resume, live: 0 }
    }

    /// Returns the position from which a request with this last event ID is answered.
    pub(crate) fn position(&self, id: &str) -> usize {
        match self.resume {
            ServerResume::Live => self.live,
            ServerResume::Forgetful => 0,
            ServerResume::Exact | ServerResume::Partial => self.after(id),
        }
    }

    /// Returns the position after the last item with this ID, or 0 without such an item.
    pub(crate) fn after(&self, id: &str) -> usize {
        if id.is_empty() {
            return 0;
        }
        // Nothing at the ends of an ID arrives.
        let has_id = |item: &Item| item.id.as_deref().map(sent_id) == Some(id);
        self.items.iter().rposition(has_id).map_or(0, |index| index + 1)
    }
}

/// Returns an ID as it is sent, if it can be.
pub(crate) fn sent_id(id: &str) -> &str {
    id.trim_matches([' ', '\t'])
}

/// Event type of the terminal event.
pub(crate) const TERMINAL: &str = "done";

/// Event type that some lives hide.
pub(crate) const HIDDEN: &str = "hidden";

fn item(
    chance: &mut Chance,
    index: usize,
    resume: ServerResume,
    has_huge: bool,
    has_unsendable: bool,
) -> Item {
    let id = match resume {
        ServerResume::Exact => Some(format!("e{index}")),
        ServerResume::Partial | ServerResume::Live | ServerResume::Forgetful => {
            match chance.below(12) {
                0..=3 => None,
                4 => Some(String::new()),
                5 => Some("same".to_owned()),
                6 if has_unsendable => Some("line\u{7}feed".to_owned()),
                7 => Some(format!("\u{e9}{index}")),
                8 if has_unsendable => Some(format!("\tpadded {index} \t")),
                9 if has_unsendable && chance.percent(50) => Some("\t ".to_owned()),
                _ => Some(format!("p{index}")),
            }
        }
    };
    let event = chance.pick(&[None, None, None, Some("add"), Some(HIDDEN)]);
    let is_huge = has_huge && chance.percent(10);
    let data = match chance.below(12) {
        0 if !is_huge => None,
        1 => Some(format!("item {index}\nsecond line\n")),
        2 => Some(String::new()),
        3 => Some(format!("item {index} {}", "\u{e9}\u{4e16}".repeat(10))),
        _ => Some(format!("item {index}")),
    };
    let data = data.map(|data| if is_huge { data + &"x".repeat(HUGE_BYTES) } else { data });
    Item { id, event, data, is_huge }
}

/// Length of the data of a huge item.
pub(crate) const HUGE_BYTES: usize = 600;
