//! Checks the commands and outputs that the examples' README shows.
//!
//! In its blocks of `console`, a line that starts with `$ ` is a command, and the lines after it
//! are its output: stdout, then stderr. `[..]` matches anything within a line, and a line of `...`
//! matches any lines. Runs nothing: the caller passes the actual output.

/// Command in the README, and its output there.
#[derive(Debug, PartialEq)]
pub(super) struct Shown<'a> {
    /// Line number in the README.
    pub(super) line: usize,
    command: &'a str,
    output: Vec<&'a str>,
}

/// Returns every command that is shown.
pub(super) fn commands(text: &str) -> Vec<Shown<'_>> {
    let mut found = Vec::<Shown<'_>>::new();
    let mut in_console = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            in_console = line == "```console";
        } else if let (true, Some(command)) = (in_console, line.strip_prefix("$ ")) {
            found.push(Shown { line: index + 1, command, output: Vec::new() });
        } else if let (true, Some(shown)) = (in_console, found.last_mut()) {
            shown.output.push(line);
        }
    }
    found
}

impl Shown<'_> {
    /// Returns `true` if this is the command, with or without input piped into it.
    pub(super) fn is(&self, command: &str) -> bool {
        self.command.rsplit(" | ").next() == Some(command)
    }

    pub(super) fn command(&self) -> &str {
        self.command
    }

    /// Returns `true` if the actual output matches the one that is shown.
    pub(super) fn is_true(&self, written: &str) -> bool {
        lines_match(&self.output, &written.lines().collect::<Vec<_>>())
    }
}

fn lines_match(pattern: &[&str], lines: &[&str]) -> bool {
    match pattern.split_first() {
        None => lines.is_empty(),
        Some((&"...", rest)) => (0..=lines.len()).any(|skip| lines_match(rest, &lines[skip..])),
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| line_matches(first, line) && lines_match(rest, lines)),
    }
}

fn line_matches(pattern: &str, line: &str) -> bool {
    match pattern.split_once("[..]") {
        None => pattern == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            line.char_indices()
                .map(|(at, _)| &line[at..])
                .chain([""])
                .any(|line| line_matches(rest, line))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    const README: &str = "\
Text with `$ a command` in it.

```sh
$ not-compared
```

```console
$ cargo run --example tail
port [..] of [..].
...
the end
$ printf 'a b' | cargo run --example parse -- -
```
";

    #[test]
    fn the_commands_in_a_console_are_found() {
        let found = commands(README);
        let found: Vec<_> =
            found.iter().map(|it| (it.line, it.command(), it.output.len())).collect();
        assert_eq!(
            found,
            [
                (8, "cargo run --example tail", 3),
                (12, "printf 'a b' | cargo run --example parse -- -", 0),
            ],
        );
    }

    #[test]
    fn output_shown_in_the_readme_is_compared() {
        let shown = &commands(README)[0];
        let cases = [
            ("port 80 of here.\nthe end\n", true),
            ("port 80 of here.\n1\n2\nthe end\n", true),
            ("port 80 of here.\nthe end\nthe end", true),
            ("port 80 of here.\nthe end\n1\n", false),
            ("port 80.\nthe end\n", false),
            ("port 80 of here\nthe end\n", false),
            ("the end\n", false),
            ("", false),
        ];
        for (written, expected) in cases {
            assert_eq!(shown.is_true(written), expected, "{written}");
        }
    }

    #[test]
    fn a_command_is_known_whatever_is_piped_into_it() {
        let cases = [
            ("cargo run", true),
            ("cargo run < examples/file", false),
            ("printf a | cargo run", true),
            ("cargo run -- a", false),
        ];
        for (command, expected) in cases {
            let text = format!("```console\n$ {command}\n```\n");
            assert_eq!(commands(&text)[0].is("cargo run"), expected, "{command}");
        }
    }
}
