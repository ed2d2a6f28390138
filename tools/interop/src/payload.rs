//! Numbered events: their data, and the check that each was received once and unchanged.

/// Returns the data of the event with this number; that of one in twenty is large. The servers in
/// `servers/` send the same.
pub(crate) fn payload(number: u64) -> String {
    let large = if number % 20 == 5 { "large ".repeat(20_000) } else { String::new() };
    format!("{number}\nthe second line of {number}: naïve – 日本語 🦀\n{large}")
}

/// Types of the numbered events, and of the terminal event.
pub(crate) const TICK: &str = "tick";
pub(crate) const END: &str = "end";

/// Events received, of those numbered from 1.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Number of times that each was received, starting with event 1.
    times: Vec<u64>,
    total: u64,
    /// The first events that differ from what was sent, or were out of order.
    wrong: Vec<String>,
    /// `true` if an event differs from what was sent.
    is_changed: bool,
}

impl Seen {
    pub(crate) fn up_to(last: usize) -> Self {
        Self { times: vec![0; last], total: 0, wrong: Vec::new(), is_changed: false }
    }

    /// Counts an event by its data, and returns its number.
    pub(crate) fn take(&mut self, data: &str) -> u64 {
        let number = data.split('\n').next().and_then(|line| line.parse().ok()).unwrap_or(0);
        if data != payload(number) {
            self.is_changed = true;
            if self.wrong.len() < MAX_SHOWN {
                let start: String = data.chars().take(MAX_SHOWN_CHARS).collect();
                self.wrong.push(format!("the data of {number} is {start:?}"));
            }
        }
        self.count(number);
        number
    }

    /// Counts an event by its number.
    pub(crate) fn count(&mut self, number: u64) {
        self.total += 1;
        if number != self.total && self.wrong.len() < MAX_SHOWN {
            self.wrong.push(format!("{number} was received as event {}", self.total));
        }
        let index = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
        if let Some(times) = self.times.get_mut(index) {
            *times += 1;
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn lost(&self) -> u64 {
        self.times.iter().map(|&times| u64::from(times == 0)).sum()
    }

    pub(crate) fn twice(&self) -> u64 {
        self.times.iter().map(|times| times.saturating_sub(1)).sum()
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    pub(crate) fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

/// Number of wrong events that are reported.
const MAX_SHOWN: usize = 5;
const MAX_SHOWN_CHARS: usize = 100;

#[cfg(test)]
mod tests {
    use super::{Seen, payload};

    #[test]
    fn lost_twice_and_wrong_events_are_counted() {
        let cases: &[(&[&str], u64, u64, usize)] = &[
            (&["1", "2", "3"], 0, 0, 0),
            (&["1", "3"], 1, 0, 1),
            (&["1", "2", "2", "3"], 0, 1, 2),
            (&["1", "3", "2"], 0, 0, 2),
            (&["1", "2"], 1, 0, 0),
            (&["1", "2", "x"], 1, 0, 2),
            (&["1", "2", "3", "4"], 0, 0, 0),
        ];
        for (numbers, lost, twice, wrong) in cases {
            let mut seen = Seen::up_to(3);
            for number in *numbers {
                seen.take(&number.parse().map_or((*number).to_owned(), payload));
            }
            assert_eq!(seen.is_changed(), numbers.contains(&"x"), "{numbers:?}");
            let found = (seen.lost(), seen.twice(), seen.wrong().len());
            assert_eq!(found, (*lost, *twice, *wrong), "{numbers:?}");
            assert_eq!(seen.total(), numbers.len() as u64);
        }
    }
}
