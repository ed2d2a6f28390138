//! Bodies that cannot be decoded: errors of their own kind, which are not retried for long.

use std::error::Error;

use http::Response;
use sse_session::{
    BodyEnd, ReconnectDecision, ReconnectPolicy, SseConfig, SseErrorKind, SseErrorOutcome,
};
use sse_test::TestClock;

use super::{
    DATA, PIECES, decoded,
    encode::{CODINGS, gzip, gzip_members},
};
use crate::support::{Frames, Reply, Script, coded, read, run};

/// Data of all events, error, and number of requests of a session over these responses.
async fn failed(
    responses: Vec<Response<Frames>>,
    config: SseConfig,
) -> (Vec<String>, sse_session::SseError, usize) {
    let script = Script::new(responses.into_iter().map(Reply::Response));
    let client = script.client(config.clock(TestClock::skipping()));
    let mut session = client.sse_session("http://localhost/").await.unwrap();
    let (data, error) = read(&mut session).await;
    (data, error.expect("an error"), script.requests().len())
}

#[test]
fn data_that_is_in_no_coding_is_a_decode_error() {
    for (coding, _) in CODINGS {
        run(async {
            let response = coded(coding, [PIECES.concat()]);
            let (data, error, _) = failed(vec![response], SseConfig::new()).await;
            assert_eq!((data.len(), error.kind()), (0, SseErrorKind::Decode), "{coding}");
            assert!(error.is_decode() && !error.is_transport() && !error.is_truncated());
            assert_eq!(error.end_evidence().unwrap().body_end(), BodyEnd::Malformed);
            let source = error.source().unwrap().to_string();
            assert!(source.starts_with(&format!("invalid {coding} data: ")), "{source}");
        });
    }
}

#[test]
fn events_before_corrupt_coded_data_are_yielded() {
    for (coding, encode) in CODINGS {
        run(async {
            let mut chunks = encode(&PIECES);
            *chunks.last_mut().unwrap() = vec![0xff; 20];
            let expected = chunks.len() - 1;
            let (data, error, _) = failed(vec![coded(coding, chunks)], SseConfig::new()).await;
            assert_eq!(data, DATA[..expected], "{coding}");
            assert!(error.is_decode(), "{coding}: {error:?}");
        });
    }
}

#[test]
fn events_before_corrupt_coded_data_in_the_same_chunk_are_yielded() {
    let many = distinct_events(300);
    let many: Vec<_> = many.iter().map(String::as_bytes).collect();
    // More than the output of a step, from few bytes.
    let large = [&[b':'][..], &vec![b'x'; 1 << 20], b"\n\ndata: 1\n\n"].concat();
    for pieces in [&PIECES[..], &many, &[&large, b"data: 2\n\n"]] {
        for (coding, encode) in CODINGS {
            run(async {
                let intact = coded(coding, encode(pieces));
                let (all, _) = decoded(intact).await;
                let mut chunks = encode(pieces);
                *chunks.last_mut().unwrap() = vec![0xff; 20];
                let expected = chunks.len() - 1;
                let (data, error, _) =
                    failed(vec![coded(coding, [chunks.concat()])], SseConfig::new()).await;
                assert_eq!(data, all[..expected], "{coding}");
                assert!(error.is_decode(), "{coding}: {error:?}");
            });
        }
    }
}

#[test]
fn events_before_corrupt_data_in_two_codings_are_yielded() {
    for (inner, encode_inner) in CODINGS {
        for (outer, encode_outer) in CODINGS {
            run(async {
                let once = encode_inner(&PIECES);
                let once: Vec<_> = once.iter().map(Vec::as_slice).collect();
                let mut chunks = encode_outer(&once);
                chunks.truncate(PIECES.len());
                *chunks.last_mut().unwrap() = vec![0xff; 20];
                let codings = format!("{inner}, {outer}");
                for chunks in [chunks.clone(), vec![chunks.concat()]] {
                    let response = coded(&codings, chunks);
                    let (data, error, _) = failed(vec![response], SseConfig::new()).await;
                    assert_eq!(data, DATA[..PIECES.len() - 1], "{codings}");
                    assert!(error.is_decode(), "{codings}: {error:?}");
                }
            });
        }
    }
}

#[test]
fn events_that_were_flushed_before_a_flipped_bit_are_yielded() {
    let pieces = distinct_events(40);
    let pieces: Vec<_> = pieces.iter().map(String::as_bytes).collect();
    for (coding, encode) in CODINGS {
        run(async {
            let chunks = encode(&pieces);
            let (all, _) = decoded(coded(coding, chunks.clone())).await;
            let body = chunks.concat();
            assert!(body.len() > 600, "{coding}: {}", body.len());
            for at in 0..body.len() {
                let ends = chunks.iter().scan(0, |end, chunk| {
                    *end += chunk.len();
                    Some(*end)
                });
                let flushed = ends.take_while(|&end| end <= at).count().min(all.len());
                let mut body = body.clone();
                body[at] ^= 1 << (at % 8);
                let script = Script::new([Reply::Response(coded(coding, [body]))]);
                let client = script.client(SseConfig::new());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                let (data, _) = read(&mut session).await;
                assert!(data.starts_with(&all[..flushed]), "{coding}, byte {at}: {data:?}");
            }
        });
    }
}

/// Returns events that no coding shortens to a few bytes.
fn distinct_events(count: u64) -> Vec<String> {
    let data = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (1..=count).map(|n| format!("data: {:016x}\n\n", data(n))).collect()
}

#[test]
fn data_whose_checksum_is_wrong_is_yielded_before_the_error() {
    run(async {
        let mut body = gzip(&PIECES).concat();
        let last = body.len() - 8;
        body[last] ^= 1;
        let (data, error, _) = failed(vec![coded("gzip", [body])], SseConfig::new()).await;
        assert_eq!(data, DATA);
        assert!(error.source().unwrap().to_string().contains("wrong checksum"), "{error:?}");
    });
}

#[test]
fn every_flipped_bit_of_a_gzip_member_is_defined() {
    run(async {
        let body = gzip_members(&PIECES).concat();
        for bit in 0..body.len() * 8 {
            let mut body = body.clone();
            body[bit / 8] ^= 1 << (bit % 8);
            let script = Script::new([Reply::Response(coded("gzip", [body]))]);
            let client = script.client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            // The time, the system and some flags of a header mean nothing.
            let (data, error) = read(&mut session).await;
            match error {
                Some(error) => assert!(error.is_decode() || error.is_truncated(), "{error:?}"),
                None => assert_eq!(data, DATA, "bit {bit}"),
            }
        }
    });
}

#[test]
fn coded_data_without_its_end_is_truncated() {
    for (coding, encode) in CODINGS {
        run(async {
            let body = encode(&PIECES).concat();
            for len in 1..body.len() {
                let response = coded(coding, [body[..len].to_vec()]);
                let script = Script::new([Reply::Response(response)]);
                let client = script.client(SseConfig::new());
                let mut session = client.sse_session("http://localhost/").await.unwrap();
                let (data, error) = read(&mut session).await;
                assert_eq!(data, DATA[..data.len()], "{coding} to {len}");
                // The end of a member may be that of the body.
                if let Some(error) = error {
                    assert!(error.is_truncated() && error.is_retryable(), "{coding}: {error:?}");
                    assert_eq!(error.end_evidence().unwrap().body_end(), BodyEnd::Truncated);
                } else {
                    assert!(gzip_members(&PIECES).concat() == body, "{coding} to {len}");
                }
            }
        });
    }
}

#[test]
fn decode_errors_are_retried_three_times_even_with_an_event_before_each() {
    let policies = [
        ReconnectPolicy::exponential(),
        ReconnectPolicy::exponential().healthy_after(std::time::Duration::ZERO),
        ReconnectPolicy::fixed(std::time::Duration::ZERO),
    ];
    for policy in policies {
        run(async {
            let mut chunks = gzip(&PIECES[..1]);
            chunks[1] = vec![0xff; 20];
            let responses = (0..9).map(|_| coded("gzip", chunks.clone())).collect();
            let config = SseConfig::new().reconnect(policy.clone());
            let (data, error, requests) = failed(responses, config).await;
            assert_eq!((data.len(), requests), (4, 4), "{policy:?}");
            assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
            assert!(error.is_decode(), "{error:?}");
            let message = "4 event streams in a row could not be decoded";
            assert!(error.to_string().contains(message), "{error}");
        });
    }
}

#[test]
fn max_attempts_counts_decode_errors_with_an_event_before_each() {
    run(async {
        let mut chunks = gzip(&PIECES[..1]);
        chunks[1] = vec![0xff; 20];
        let responses = (0..9).map(|_| coded("gzip", chunks.clone())).collect();
        let policy = ReconnectPolicy::fixed(std::time::Duration::ZERO).max_attempts(2);
        let (data, error, requests) = failed(responses, SseConfig::new().reconnect(policy)).await;
        assert_eq!((data.len(), requests), (3, 3));
        assert!(error.to_string().contains("2 attempts failed in a row"), "{error}");
    });
}

#[test]
fn a_custom_policy_decides_on_decode_errors() {
    run(async {
        let responses = (0..9).map(|_| coded("gzip", [PIECES.concat()])).collect();
        let policy = ReconnectPolicy::custom(|disconnect| {
            assert!(disconnect.cause().is_decode());
            match disconnect.attempts() {
                6.. => ReconnectDecision::Stop("six were enough".into()),
                _ => ReconnectDecision::After(std::time::Duration::ZERO),
            }
        });
        let (_, error, requests) = failed(responses, SseConfig::new().reconnect(policy)).await;
        assert_eq!(requests, 7);
        assert!(error.to_string().contains("six were enough"), "{error}");
    });
}

#[test]
fn a_healthy_connection_ends_a_row_of_decode_errors() {
    run(async {
        let broken = || coded("gzip", [PIECES.concat()]);
        let whole = || coded("gzip", gzip(&PIECES[..1]));
        let rows = [3, 3, 4].map(|count| (0..count).map(|_| broken()).collect::<Vec<_>>());
        let [first, second, third] = rows;
        let responses = [first, vec![whole()], second, vec![whole()], third].into_iter().flatten();
        let policy = ReconnectPolicy::fixed(std::time::Duration::ZERO);
        let config = SseConfig::new().reconnect(policy);
        let (data, error, requests) = failed(responses.collect(), config).await;
        assert_eq!((data.len(), requests), (2, 12));
        assert!(error.is_decode());
    });
}
