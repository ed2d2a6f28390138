//! Channel of nchan: publishes numbered events over HTTP, and makes the request to subscribe to
//! them.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicU32, Ordering},
};

use reqwest::Client;
use sse_reqwest::{SseClient, SseRequest};

use crate::{
    client,
    error::Result,
    payload::{END, TICK, payload},
    progress::Progress,
};

#[derive(Debug)]
pub(crate) struct Channel {
    publisher: Client,
    /// URL of the channel, or URLs of several channels, among which events alternate.
    publish_urls: Vec<String>,
    subscriber: SseClient,
    subscribe_url: String,
}

impl Channel {
    /// Creates a channel of its own, on the nchan at these two URLs.
    pub(crate) fn new(publish_to: &str, subscriber: SseClient, subscribe_to: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let id = COUNT.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            publisher: client::plain()?,
            publish_urls: vec![format!("{publish_to}/{id}")],
            subscriber,
            subscribe_url: format!("{subscribe_to}/{id}"),
        })
    }

    /// Splits it into two channels with one subscription.
    pub(crate) fn split(mut self) -> Self {
        self.publish_urls = self
            .publish_urls
            .iter()
            .flat_map(|url| [0, 1].map(|it| format!("{url}-{it}")))
            .collect();
        self
    }

    pub(crate) fn subscribe(&self) -> SseRequest {
        self.subscriber.request(&self.subscribe_url)
    }

    pub(crate) fn subscribe_url(&self) -> &str {
        &self.subscribe_url
    }

    /// Publishes the events from 1 to `last`, and the terminal event.
    pub(crate) async fn publish(&self, last: usize, progress: &Progress) -> Result<()> {
        self.publish_numbers(1..=last as u64, progress).await?;
        self.publish_end().await
    }

    /// Publishes a range of events, each when it [may be sent](Progress::may_send).
    pub(crate) async fn publish_numbers(
        &self,
        numbers: RangeInclusive<u64>,
        progress: &Progress,
    ) -> Result<()> {
        for number in numbers {
            progress.may_send(number).await;
            self.publish_event(number, TICK, payload(number)).await?;
        }
        Ok(())
    }

    /// Publishes each event after the one before it was received: for streams that no proxy may
    /// buffer.
    pub(crate) async fn publish_in_step(&self, last: usize, progress: &Progress) -> Result<()> {
        for number in 1..=last as u64 {
            self.publish_event(number, TICK, payload(number)).await?;
            progress.number(number).await;
        }
        self.publish_end().await
    }

    pub(crate) async fn publish_end(&self) -> Result<()> {
        self.publish_event(1, END, "the end".to_owned()).await
    }

    async fn publish_event(&self, number: u64, event_type: &str, data: String) -> Result<()> {
        let turn = (number - 1) as usize % self.publish_urls.len();
        let request = self.publisher.post(&self.publish_urls[turn]);
        request
            .header("x-eventsource-event", event_type)
            .body(data)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}
