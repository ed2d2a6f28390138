//! Transport over `fetch`, for pages and workers. In its headers, each character is a byte.

use bytes::Bytes;
use futures_util::stream::{self, LocalBoxStream, StreamExt};
use js_sys::{Array, Uint8Array};
use sse_session::http::{HeaderName, HeaderValue, Request, Response};
use sse_session::{BoxError, Capabilities, FinalUri, SendContext, StreamBody, Transport};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_streams::ReadableStream;
use web_sys::{AbortController, RequestCache, RequestInit};

/// `fetch` as a transport.
#[derive(Debug)]
pub struct Fetch;

impl Transport for Fetch {
    type Body = StreamBody<LocalBoxStream<'static, Result<Bytes, BoxError>>>;
    type Error = BoxError;

    async fn send(
        &self,
        request: Request<Bytes>,
        _: SendContext,
    ) -> Result<Response<Self::Body>, BoxError> {
        let abort = AbortOnDrop(AbortController::new().map_err(failure)?);
        let response = fetch(&request.uri().to_string(), &options(&request, &abort.0)).await;
        let response = web_sys::Response::from(response.map_err(failure)?);
        let mut head = Response::builder().status(response.status());
        for header in response.headers().entries() {
            let header = Array::from(&header.map_err(failure)?);
            let [name, value] = [0, 1].map(|at| header.get(at).as_string().unwrap_or_default());
            head = head.header(name, value.chars().map(|byte| byte as u8).collect::<Vec<_>>());
        }
        let body = stream::iter(response.body().map(ReadableStream::from_raw));
        let chunks = body.flat_map(ReadableStream::into_stream).map(move |chunk| {
            let _ = &abort; // lives as long as the body
            Ok(Uint8Array::from(chunk.map_err(failure)?).to_vec().into())
        });
        let head = head.extension(FinalUri::new(response.url().parse()?));
        Ok(head.body(StreamBody::new(chunks.boxed_local()))?)
    }

    fn capabilities(&self) -> Capabilities {
        let fetch = Capabilities::new().follows_redirects(true).decodes_content(true);
        fetch.bypasses_caches(true).ascii_headers_only(true)
    }
}

fn options(request: &Request<Bytes>, abort: &AbortController) -> RequestInit {
    let options = RequestInit::new();
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_iter(value.as_bytes().iter().map(|&byte| char::from(byte)));
        Array::of2(&name.as_str().into(), &value.into())
    };
    options.set_headers(&request.headers().iter().map(header).collect::<Array>());
    options.set_method(request.method().as_str());
    options.set_cache(RequestCache::NoStore);
    options.set_signal(Some(&abort.signal()));
    if !request.body().is_empty() {
        options.set_body(&Uint8Array::from(&**request.body()));
    }
    options
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn fetch(url: &str, options: &RequestInit) -> Result<JsValue, JsValue>;
}

struct AbortOnDrop(AbortController);
impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn failure(error: JsValue) -> BoxError {
    format!("{error:?}").into()
}
