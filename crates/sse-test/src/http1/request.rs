//! Parser of HTTP/1.1 requests.
//!
//! Reads what a well-behaved client sends, with a length or chunked. Sends nothing. Invalid input
//! is `InvalidData`; a premature end is `UnexpectedEof`.

use std::{io, time::Duration};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::seen::{HttpVersion, SeenRequest};

/// Reads a request. Its time is set later.
pub(super) async fn read(
    input: &mut (impl AsyncBufRead + Unpin),
    connection: usize,
) -> io::Result<SeenRequest> {
    let request_line = read_text(input).await?;
    let mut words = request_line.split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid("request line"));
    };
    let mut request = SeenRequest {
        time: Duration::ZERO,
        connection,
        version: HttpVersion::Http1,
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let line = read_line(input).await?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':').ok_or(invalid("header"))?;
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        request.headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    request.body = read_body(&request, input).await?;
    Ok(request)
}

async fn read_body(
    head: &SeenRequest,
    input: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Vec<u8>> {
    let value = |name| head.headers.iter().find(|(header, _)| header == name);
    let mut body = Vec::new();
    if let Some((_, length)) = value("content-length") {
        let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
        read_more(input, length.ok_or(invalid("length"))?, &mut body).await?;
    } else if value("transfer-encoding").is_some_and(|(_, value)| value == b"chunked") {
        loop {
            let size = read_text(input).await?;
            let size = u64::from_str_radix(&size, 16).map_err(|_| invalid("chunk size"))?;
            read_more(input, size, &mut body).await?;
            read_line(input).await?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(body)
}

/// Reads exactly `len` more bytes.
async fn read_more(
    input: &mut (impl AsyncBufRead + Unpin),
    len: u64,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let read = input.take(len).read_to_end(body).await?;
    if read as u64 == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

async fn read_text(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<String> {
    String::from_utf8(read_line(input).await?).map_err(|_| invalid("text"))
}

/// Reads a line, without its end.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(line.to_vec()),
        None if line.ends_with(b"\n") => Err(invalid("line end")),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP/1.1: {what}"))
}
