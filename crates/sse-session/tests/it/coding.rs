//! Content codings: what is decoded is what was encoded, at once and in bounded pieces.

mod bounds; // a small body that expands to much, and a large one to nothing
mod encode; // encoders, each of which flushes after every piece
mod failures; // bodies that cannot be decoded
mod heads; // which codings are accepted, and which are decoded

use self::encode::{CODINGS, brotli, gzip, gzip_members, gzip_with_all_fields, zstd};
use crate::support::{Reply, Script, coded, hanging, read, run};
use http::Response;
use sse_session::{BodyEnd, SseConfig};

use crate::support::Frames;

const PIECES: [&[u8]; 3] = [b"data: 1\n\n", b"id: x\ndata: 2\ndata: 3\n\n", b"data: 4\n\n"];
const DATA: [&str; 3] = ["1", "2\n3", "4"];

/// Reads the data of all events of a response, and how its body ended.
async fn decoded(response: Response<Frames>) -> (Vec<String>, BodyEnd) {
    let script = Script::new([Reply::Response(response)]);
    let client = script.client(SseConfig::new());
    let mut session = client.sse_session("http://localhost/").await.unwrap();
    let (data, error) = read(&mut session).await;
    assert!(error.is_none(), "{error:?}");
    (data, session.end_evidence().unwrap().body_end())
}

#[test]
fn every_coding_is_decoded_wherever_its_bytes_are_split() {
    for (index, (coding, encode)) in CODINGS.into_iter().enumerate() {
        run(async {
            let body = encode(&PIECES).concat();
            for size in 1..=body.len() {
                let chunks = body.chunks(size).map(<[u8]>::to_vec);
                let (data, end) = decoded(coded(coding, chunks)).await;
                assert_eq!(data, DATA, "coding {index}, chunks of {size}");
                assert_eq!(end, BodyEnd::LastChunk);
            }
            for at in 1..body.len() {
                let (first, second) = body.split_at(at);
                let (data, _) = decoded(coded(coding, [first.to_vec(), second.to_vec()])).await;
                assert_eq!(data, DATA, "coding {index}, split at {at}");
            }
        });
    }
}

#[test]
fn an_event_that_was_flushed_is_decoded_before_the_next_is_received() {
    for (coding, encode) in CODINGS {
        run(async {
            // Without the end of the coding, and silent afterwards.
            let chunks = encode(&PIECES);
            for count in 1..=PIECES.len() {
                let response = hanging(coded(coding, chunks[..count].iter().cloned()));
                let script = Script::new([Reply::Response(response)]);
                let client = script.client(SseConfig::new());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                for expected in &DATA[..count] {
                    assert_eq!(session.next().await.unwrap().unwrap().data(), *expected);
                }
            }
        });
    }
}

#[test]
fn every_gzip_member_is_decoded() {
    run(async {
        let members = gzip_members(&PIECES);
        let empty = gzip(&[]).concat();
        let all_fields = gzip_with_all_fields(PIECES[2]);
        let zeros = vec![0; 700];
        let cases = [
            vec![members.concat()],
            members.clone(),
            vec![members[0].clone(), empty.clone(), members[1..].concat(), empty],
            vec![members[..2].concat(), all_fields],
            vec![[members.concat(), zeros.clone()].concat(), zeros],
        ];
        for (index, chunks) in cases.into_iter().enumerate() {
            assert_eq!(decoded(coded("gzip", chunks.clone())).await.0, DATA, "case {index}");
            let bytes = chunks.concat().into_iter().map(|byte| vec![byte]);
            assert_eq!(decoded(coded("gzip", bytes)).await.0, DATA, "case {index} byte by byte");
        }
    });
}

#[test]
fn streams_in_a_row_are_decoded_in_every_coding() {
    for (coding, encode) in CODINGS {
        run(async {
            let chunks = [encode(&PIECES[..1]), encode(&PIECES[1..])].concat();
            assert_eq!(decoded(coded(coding, chunks)).await.0, DATA, "{coding}");
        });
    }
}

#[test]
fn padding_after_the_last_stream_of_gzip_or_deflate_is_ignored() {
    for (coding, encode) in &CODINGS[..4] {
        run(async {
            let body = [encode(&PIECES).concat(), b"\r\n \t\0\0".to_vec()].concat();
            for size in 1..body.len() {
                let chunks = body.chunks(size).map(<[u8]>::to_vec);
                let (data, end) = decoded(coded(coding, chunks)).await;
                assert_eq!(
                    (data.as_slice(), end),
                    (&DATA.map(str::to_owned)[..], BodyEnd::LastChunk)
                );
            }
        });
    }
}

#[test]
fn two_codings_are_undone_in_the_reverse_order() {
    run(async {
        let inner = gzip(&PIECES);
        let inner: Vec<_> = inner.iter().map(Vec::as_slice).collect();
        assert_eq!(decoded(coded("gzip, br", brotli(&inner))).await.0, DATA);
        assert_eq!(decoded(coded("GZIP,identity , zstd", zstd(&inner))).await.0, DATA);
        let twice = gzip(&inner).concat();
        assert_eq!(decoded(coded("x-gzip, gzip", twice.chunks(1).map(Vec::from))).await.0, DATA);
    });
}

#[test]
fn a_body_without_a_byte_is_whole_in_every_coding() {
    for (coding, _) in CODINGS {
        run(async {
            let (data, end) = decoded(coded(coding, [])).await;
            assert_eq!((data.len(), end), (0, BodyEnd::LastChunk), "{coding}");
        });
    }
}

#[test]
fn a_terminal_event_ends_a_coded_stream() {
    run(async {
        let chunks = gzip(&[b"data: 1\n\ndata: end\n\ndata: 2\n\n"]);
        let script = Script::new([Reply::Response(hanging(coded("gzip", chunks)))]);
        let config = SseConfig::new().stop_after(|event| event.data() == "end");
        let client = script.client(config);
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1", "end"]);
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::Abandoned);
    });
}
