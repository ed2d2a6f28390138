//! Events as the user sees them, compared with the blocks that the server sent.

use sse_session::{ExcessPolicy, ServerSentEvent};

use crate::{
    feed::{HIDDEN, ServerResume, TERMINAL},
    invariant::Invariant,
    model::Ending,
    options::Idle,
    wire::Block,
    world::World,
};

impl World {
    /// Returns `true` if the session yields a block.
    pub(crate) fn is_visible(&self, block: &Block) -> bool {
        let options = &self.options;
        if block.item.is_huge {
            return false;
        }
        if block.item.data.is_some() {
            return !(options.hides_types && block.item.event == Some(HIDDEN));
        }
        let names_itself = block.item.id.is_some() || block.item.event.is_some();
        (options.shows_comments && block.has_comment)
            || (options.shows_retry && block.retry.is_some())
            || (options.shows_dataless && names_itself)
    }

    /// Returns the position of the first item from here on that the session yields.
    pub(crate) fn next_visible(&self, position: usize) -> usize {
        let items = self.feed.items.iter().enumerate().skip(position);
        let mut visible = items.filter(|(_, item)| {
            let block = Block { item: (*item).clone(), ..Block::default() };
            let is_stopped = self.options.stops_before && item.event == Some(TERMINAL);
            self.is_visible(&block) && !is_stopped
        });
        visible.next().map_or(self.feed.items.len(), |(index, _)| index)
    }

    /// Takes the next block, which the session has parsed.
    pub(crate) fn parse_next(&mut self, index: usize) {
        let exchange = &mut self.exchanges[index];
        let block = &exchange.blocks[exchange.parsed];
        exchange.parsed += 1;
        if block.item.is_huge {
            self.model.retries.extend(block.retry.map(Some));
            return;
        }
        exchange.messages += u64::from(block.item.data.is_some());
        if let Some(id) = &block.item.id {
            exchange.last_id = Some(id.clone());
            self.model.id.clone_from(id);
        }
        if block.retry.is_some() {
            self.model.retries = vec![block.retry];
        }
    }

    /// Takes all blocks that are complete in the bytes received: the session wants more bytes.
    pub(crate) fn parse_received(&mut self, index: usize) {
        while self.exchanges[index].parsed < self.exchanges[index].complete() {
            let exchange = &self.exchanges[index];
            let block = &exchange.blocks[exchange.parsed];
            let is_terminal = block.item.event == Some(TERMINAL);
            let (is_visible, is_huge) = (self.is_visible(block), block.item.is_huge);
            let lost = block.index;
            if is_terminal && (self.options.stops_before || self.options.stops_after) {
                self.violated(Invariant::StopsAtTerminalEvent, "the terminal event was passed");
            } else if is_visible {
                self.violated(Invariant::EventsAsSent, format!("item {lost:?} was not yielded"));
            } else if is_huge && self.options.small_limits == Some(ExcessPolicy::Fail) {
                self.violated(Invariant::MemoryWithinLimits, "an event exceeded the limits");
            }
            self.parse_next(index);
        }
    }

    /// Takes an event that the session has yielded.
    pub(crate) fn yielded(&mut self, event: &ServerSentEvent) {
        self.note(|| format!("event {event:?}"));
        self.yields += 1;
        self.has_yielded_data |= event.has_data();
        if let crate::model::Expect::Ended(ending) = self.model.expect {
            self.violated(Invariant::NothingAfterEnd, format!("event after {ending:?}"));
        }
        let Some(index) = self.exchanges.len().checked_sub(1) else {
            return self.violated(Invariant::EventsAsSent, "event without a request");
        };
        let stops = self.options.stops_before || self.options.stops_after;
        loop {
            let exchange = &self.exchanges[index];
            let block = exchange.blocks.get(exchange.parsed);
            let Some(block) = block.filter(|block| block.end <= exchange.delivered) else {
                return self.violated(Invariant::EventsAsSent, "event that was not received");
            };
            let is_terminal = stops && block.item.event == Some(TERMINAL);
            if self.is_visible(block) {
                let differs = self.difference(block, event);
                let item = block.index;
                self.parse_next(index);
                if is_terminal && self.options.stops_before {
                    self.violated(Invariant::StopsAtTerminalEvent, "event from stop_before on");
                }
                if let Some(differs) = differs {
                    self.violated(Invariant::EventsAsSent, differs);
                }
                self.check_place(item);
                if is_terminal {
                    self.model.end(Ending::Stopped);
                }
                return;
            }
            self.parse_next(index);
        }
    }

    fn difference(&self, block: &Block, event: &ServerSentEvent) -> Option<String> {
        let keeps_comments = self.options.shows_comments || self.options.idle == Idle::Auto;
        let has_comments = block.has_comment && keeps_comments;
        let is_same = event.data() == block.item.data.as_deref().unwrap_or_default()
            && event.has_data() == block.item.data.is_some()
            && event.event() == block.item.event
            && event.id() == block.item.id.as_deref()
            && event.retry() == block.retry
            && event.comments().is_some() == has_comments;
        (!is_same).then(|| format!("{event:?} instead of {block:?}"))
    }

    /// Checks the place of an item in the feed, if it is one.
    fn check_place(&mut self, item: Option<usize>) {
        let Some(item) = item else {
            return;
        };
        if self.feed.resume != ServerResume::Exact {
            return;
        }
        let next = self.next_visible(self.yielded_upto);
        let resumes = self.options.sends_id;
        let is_repeated = item < self.yielded_upto;
        if item > next && self.options.small_limits.is_none() {
            self.violated(Invariant::ResumedWithoutGap, format!("item {item} after {next}"));
        }
        if is_repeated && resumes && (!self.options.acknowledges || item < self.acked_floor()) {
            self.violated(Invariant::ResumedWithoutGap, format!("item {item} was repeated"));
        }
        self.model.has_repeated |= is_repeated;
        self.yielded_upto = self.yielded_upto.max(item + 1);
        self.position = item + 1;
    }

    /// Returns the position below which no item may be repeated.
    fn acked_floor(&self) -> usize {
        if self.model.has_repeated { 0 } else { self.request_floor }
    }
}
