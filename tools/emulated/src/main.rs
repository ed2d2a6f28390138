//! Reads a generated event stream a number of times, for an emulator that counts instructions.
//!
//! `sse-emulated WORKLOAD CHUNK_BYTES TIMES` prints the number of events of one reading. The
//! instructions of one reading are the difference between two runs with different `TIMES`.
//! `sse-emulated differences` compares the parser with the naive one.

use std::{env, error::Error};

use sse_emulated::{differences, read};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    match &args[..] {
        [what] if what == "differences" => println!("{}", differences()),
        [name, chunk_bytes, times] => {
            println!("{}", read(name, chunk_bytes.parse()?, times.parse()?)?);
        }
        _ => return Err("usage: sse-emulated WORKLOAD CHUNK_BYTES TIMES | differences".into()),
    }
    Ok(())
}
