//! Whole answers: the parts of one, collected, without those that are void.

use super::{Answer, AnswerPart};
use crate::error::SseError;

impl<T> Answer<T> {
    /// Collects the deltas of the whole answer with a function, beginning with `init` and, where
    /// the text starts again, with `init` once more.
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole, as [`next`](Self::next) does. The collected text is then
    /// lost, as it is if the future is dropped.
    ///
    /// ```
    /// # use sse_session::{Answer, SseError};
    /// # async fn count(mut answer: Answer<String>) -> Result<usize, SseError> {
    /// answer.fold(0, |words, text| *words += text.split_whitespace().count()).await
    /// # }
    /// ```
    pub async fn fold<A: Clone>(
        &mut self,
        init: A,
        mut add: impl FnMut(&mut A, T),
    ) -> Result<A, SseError> {
        let mut whole = init.clone();
        while let Some(part) = self.next().await {
            match part? {
                AnswerPart::Delta(delta) => add(&mut whole, delta),
                AnswerPart::Restarted { .. } => whole = init.clone(),
            }
        }
        Ok(whole)
    }
}

impl<T: AsRef<str>> Answer<T> {
    /// Returns the text of the whole answer.
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole, as [`next`](Self::next) does.
    ///
    /// ```
    /// # use sse_session::{Answer, SseError};
    /// # async fn print(mut answer: Answer<String>) -> Result<(), SseError> {
    /// println!("{}", answer.concat().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn concat(&mut self) -> Result<String, SseError> {
        self.fold(String::new(), |text, delta| text.push_str(delta.as_ref())).await
    }
}
