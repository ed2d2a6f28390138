//! Generates the JavaScript with which a page loads a WebAssembly module, like the command
//! `wasm-bindgen --target web --no-typescript`, which a machine need not have installed.
//!
//! `sse-wasm-bindgen MODULE NAME DIRECTORY` writes `NAME.js` and `NAME_bg.wasm` into the directory.

use std::{env, error::Error};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [module, name, directory] = &args[..] else {
        return Err("usage: sse-wasm-bindgen MODULE NAME DIRECTORY".into());
    };
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.typescript(false).input_path(module).out_name(name);
    Ok(bindgen.generate(directory)?)
}
