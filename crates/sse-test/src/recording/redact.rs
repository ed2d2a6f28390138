//! Applies a redaction: to a whole recording, and to bodies while they are received.

mod json;
mod body;

pub(crate) use self::body::BodyRedactor;
use super::{Exchange, RecordedChunk, Recording, RecordingError, Redaction};

impl Recording {
    /// Redacts the recording.
    ///
    /// # Errors
    ///
    /// Fails if a body that a [path](Redaction::json_path) applies to is compressed. The recording
    /// then stays as it was.
    pub fn redact(&mut self, redaction: &Redaction) -> Result<(), RecordingError> {
        let redacted = self.exchanges.iter().map(|it| it.redacted(redaction));
        let exchanges = redacted.collect::<Result<_, _>>()?;
        self.exchanges = exchanges;
        self.url = self.url.as_deref().map(|url| redaction.url(url));
        Ok(())
    }
}

impl Exchange {
    fn redacted(&self, redaction: &Redaction) -> Result<Self, RecordingError> {
        let mut exchange = self.clone();
        if let Some(request) = &mut exchange.request {
            request.url = redaction.url(&request.url);
            redact_headers(&mut request.headers, redaction);
        }
        if let Some(ended) = &mut exchange.end {
            let error = ended.error.take();
            ended.error = error.map(|text| redaction.error(&text));
        }
        let Some(response) = &mut exchange.response else { return Ok(exchange) };
        let mut body = BodyRedactor::new(redaction, response.status, &response.headers);
        response.url = redaction.url(&response.url);
        redact_headers(&mut response.headers, redaction);
        let mut chunks = Vec::new();
        for RecordedChunk { at, bytes } in exchange.chunks.drain(..) {
            chunks.extend(body.push(at, &bytes)?);
        }
        chunks.extend(body.finish());
        exchange.chunks =
            chunks.into_iter().map(|(at, bytes)| RecordedChunk { at, bytes }).collect();
        Ok(exchange)
    }
}

fn redact_headers(headers: &mut [(String, String)], redaction: &Redaction) {
    for (name, value) in headers {
        *value = redaction.header_value(name, value);
    }
}
