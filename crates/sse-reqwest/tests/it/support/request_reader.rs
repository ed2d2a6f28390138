//! The bytes of a connection in, one HTTP/1.1 request out.
//!
//! Reads what a well-behaved client sends, by length or chunked. Answers nothing, and panics at
//! what it does not understand.

use tokio::io::{self, AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use super::Seen;

/// Reads a request; `None` if the connection ends before there is a whole one.
pub(super) async fn read_request(input: &mut (impl AsyncBufRead + Unpin)) -> Option<Seen> {
    let request_line = String::from_utf8(read_line(input).await.ok()?).unwrap();
    let mut words = request_line.split(' ');
    let method = words.next()?.to_owned();
    let target = words.next()?.to_owned();
    let mut seen = Seen { method, target, headers: Vec::new(), body: Vec::new() };
    loop {
        let line = read_line(input).await.ok()?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':').unwrap();
        let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
        seen.headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    seen.body = read_body(&seen, input).await.ok()?;
    Some(seen)
}

async fn read_body(head: &Seen, input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if let Some(length) = head.value("content-length") {
        body.resize(length.parse().unwrap(), 0);
        input.read_exact(&mut body).await?;
    } else if head.value("transfer-encoding") == Some("chunked") {
        loop {
            let size = String::from_utf8(read_line(input).await?).unwrap();
            let size = usize::from_str_radix(&size, 16).unwrap();
            let start = body.len();
            body.resize(start + size, 0);
            input.read_exact(&mut body[start..]).await?;
            read_line(input).await?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(body)
}

/// Reads a line, without its end.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(line.to_vec()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
