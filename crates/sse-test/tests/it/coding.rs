//! Compressed replies: how much of a reply can be decompressed at each moment.

use std::io::Read;

use sse_test::{ContentCoding, Reply, ScriptedServer};

use crate::support::{GET, RawClient, run};

/// Decompresses as much as possible of these bytes, which may be incomplete.
fn decoded(mut decoder: impl Read) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while let Ok(1) = decoder.read(&mut byte) {
        text.extend(byte);
    }
    String::from_utf8(text).unwrap()
}

#[track_caller]
fn check(coding: ContentCoding, token: &str, decode: impl Fn(&[u8]) -> String) {
    run(async {
        let reply = || Reply::messages(["1"]).pause().send("").send("data: 2\n\n");
        let replies =
            [reply().compressed(coding).until_close(), reply().compressed(coding).with_length()];
        let server = ScriptedServer::start(replies).await;
        let mut client = RawClient::send(&server, GET).await;
        let head = client.read_until("\r\n\r\n").await;
        assert!(head.contains(&format!("content-encoding: {token}\r\n")), "{head}");
        let mut body = Vec::new();
        while decode(&body) != "data: 1\n\n" {
            body.push(tokio::io::AsyncReadExt::read_u8(&mut client.stream).await.unwrap());
        }
        server.go_on();
        body.extend(client.rest().await.unwrap());
        assert_eq!(decode(&body), "data: 1\n\ndata: 2\n\n");

        let mut client = RawClient::send(&server, GET).await;
        let head = client.read_until("\r\n\r\n").await;
        server.go_on();
        let body = client.rest().await.unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert_eq!(decode(&body), "data: 1\n\ndata: 2\n\n");
    });
}

#[cfg(feature = "brotli")]
#[test]
fn brotli_is_flushed_after_each_piece() {
    check(ContentCoding::Brotli, "br", |bytes| decoded(brotli::Decompressor::new(bytes, 4096)));
}

#[cfg(feature = "gzip")]
#[test]
fn gzip_is_flushed_after_each_piece() {
    check(ContentCoding::Gzip, "gzip", |bytes| decoded(flate2::read::GzDecoder::new(bytes)));
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_is_flushed_after_each_piece() {
    check(ContentCoding::Zstd, "zstd", |bytes| decoded(zstd::Decoder::new(bytes).unwrap()));
}

#[cfg(feature = "gzip")]
#[test]
fn compressed_without_flush_is_decodable_at_the_end_only() {
    run(async {
        let gunzip = |bytes: &[u8]| decoded(flate2::read::GzDecoder::new(bytes));
        let reply = Reply::compressed_without_flush(ContentCoding::Gzip, "data: 1\n\n").pause();
        let server = ScriptedServer::start([reply.until_close()]).await;
        let mut client = RawClient::send(&server, GET).await;
        client.read_until("\r\n\r\n").await;
        // The header of gzip may come before.
        server.go_on();
        let body = client.rest().await.unwrap();
        assert_eq!(gunzip(&body), "data: 1\n\n");
        assert_eq!(gunzip(&body[..10]), "");
    });
}
