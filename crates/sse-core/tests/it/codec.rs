//! Tests of `EventCodec`: it returns the events that a parser returns, and encodes them.
//!
//! Calls the codec as `Framed` does, which reads the end of a connection more than once.

use bytes::BytesMut;
use sse_core::{CodecError, EventCodec, Limits, Parser, ServerSentEvent, StreamError};
use tokio_util::codec::{Decoder, Encoder};

use crate::support::{
    case::for_each_cut,
    source::{MODES, STREAMS, assert_read, expected},
};

/// Decodes chunks, adding one to the buffer whenever no event is left.
fn decode(codec: &mut EventCodec, chunks: &[&[u8]]) -> Result<Vec<ServerSentEvent>, CodecError> {
    let (mut buffer, mut events) = (BytesMut::new(), Vec::new());
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(event) = codec.decode(&mut buffer)? {
            events.push(event);
        }
        assert!(buffer.is_empty());
    }
    Ok(events)
}

#[test]
fn a_stream_in_any_chunks_is_what_the_parser_reads() {
    for mode in MODES {
        for stream in STREAMS {
            let expected = expected(&mode.parser(), stream);
            for_each_cut(stream, |chunks| {
                let mut codec = EventCodec::new().with_parser(mode.parser());
                let events = decode(&mut codec, chunks).unwrap();
                assert_read(&events, codec.parser(), &expected);
                // Nothing follows the end, even if polled again.
                for _ in 0..2 {
                    assert_eq!(codec.decode_eof(&mut BytesMut::new()).unwrap(), None);
                }
                assert_eq!(codec.parser().pending_bytes(), 0);
                assert_eq!(codec.parser().last_event_id(), expected.last_event_id);
            });
        }
    }
}

#[test]
fn decode_eof_returns_complete_events_and_drops_an_incomplete_one() {
    let mut codec = EventCodec::new();
    let mut buffer = BytesMut::from("data: 1\n\ndata: 2\n\nid: 3\ndata: 3\n");
    for data in ["1", "2"] {
        assert_eq!(codec.decode_eof(&mut buffer).unwrap().unwrap().data(), data);
    }
    assert_eq!(codec.decode_eof(&mut buffer).unwrap(), None);
    buffer.extend_from_slice(b"\n\ndata: 4\n\n");
    assert_eq!(codec.decode(&mut buffer).unwrap().unwrap().data(), "4");
    assert_eq!(codec.parser().last_event_id(), "");
}

#[test]
fn a_limit_is_an_error_after_the_events_before_it() {
    let parser = Parser::new().with_limits(Limits::default().max_event_bytes(40));
    let mut codec = EventCodec::new().with_parser(parser);
    let mut buffer = BytesMut::from("data: 1\n\nid: 2\ndata: ");
    buffer.extend_from_slice(&[b'x'; 40]);
    assert_eq!(codec.decode(&mut buffer).unwrap().unwrap().data(), "1");
    for _ in 0..3 {
        assert!(matches!(codec.decode(&mut buffer), Err(StreamError::Limit(_))));
        assert_eq!(codec.decode(&mut buffer).unwrap(), None, "there is nothing to fail on");
        buffer.extend_from_slice(b"\n\ndata: 3\n\n");
    }
}

#[test]
fn decoded_events_share_the_buffer_and_release_it() {
    // Long enough that sharing costs less than copying into the event.
    let stream = format!("data: {}\n\n", "value".repeat(20));
    let mut buffer = BytesMut::from(&*stream);
    let start = buffer.as_ptr();
    let mut codec = EventCodec::new();
    let event = codec.decode(&mut buffer).unwrap().unwrap();
    assert_eq!(event.data().as_ptr(), start.wrapping_add("data: ".len()));
    assert_eq!(codec.decode(&mut buffer).unwrap(), None);
    drop(event);
    buffer.reserve(stream.len());
    assert_eq!(buffer.as_ptr(), start, "the buffer is used again");
}

#[test]
fn encoded_events_are_decoded() {
    let builders = [
        ServerSentEvent::builder().event("e").id("1").data("a\nb").comments("c"),
        ServerSentEvent::builder().id(""),
        ServerSentEvent::builder().data("x".repeat(5000)),
    ];
    let events = builders.map(|builder| builder.build().unwrap());
    let parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut codec = EventCodec::new().with_parser(parser);
    let mut wire = BytesMut::new();
    for event in &events {
        codec.encode(event, &mut wire).unwrap();
        codec.encode(event.clone(), &mut wire).unwrap();
    }
    assert_eq!(
        wire,
        events.iter().map(ToString::to_string).map(|it| it.repeat(2)).collect::<String>()
    );
    let decoded = decode(&mut codec, &[&wire]).unwrap();
    assert_eq!(
        decoded,
        events.iter().flat_map(|event| [event.clone(), event.clone()]).collect::<Vec<_>>()
    );
}

#[test]
fn an_error_of_the_connection_is_one_of_the_codec() {
    let error = CodecError::from(std::io::Error::other("cable cut"));
    assert!(matches!(error, StreamError::Source(_)));
}
