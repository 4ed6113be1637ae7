//! The little HTML that a report takes.

use std::fmt::Display;

/// Text as HTML shows it.
pub fn text(text: impl Display) -> String {
    let mut escaped = String::new();
    for letter in text.to_string().chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Control characters of file names have no place in HTML.
            letter if letter.is_control() && letter != '\n' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A table: what it is, heads, and rows of cells; cells are HTML already. The first cell of a row names it.
pub fn table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", text(head))).collect();
    let row = |cells: &Vec<String>| {
        let mut cells = cells.iter();
        let first = cells.next().map_or_else(String::new, |cell| format!("<th scope=\"row\">{cell}</th>"));
        format!("<tr>{first}{}</tr>\n", cells.map(|cell| format!("<td>{cell}</td>")).collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<table>\n<caption>{}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n", text(caption))
}

/// A value, or a dash where there is none.
pub fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "–".to_owned(), text)
}

/// A list of sentences; nothing for none.
pub fn list(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!("<ul>\n{}</ul>\n", items.iter().map(|item| format!("<li>{}</li>\n", text(item))).collect::<String>())
}

/// The whole page.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\
         <footer><p>Made by svh {}. A research tool, not a medical device: do not base any decision about a patient on this page.</p></footer>\n\
         </body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        title = text(title),
    )
}

const STYLE: &str = "\
body { font: 15px/1.45 'DejaVu Sans', Verdana, sans-serif; max-width: 1160px; margin: 2em auto; padding: 0 1em; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; border-bottom: 1px solid #bbb; margin-top: 2em; } h3 { font-size: 1em; }
table { border-collapse: collapse; margin: 0.8em 0; font-size: 0.9em; }
caption { text-align: left; font-weight: bold; padding: 0.3em 0; }
th, td { border: 1px solid #ccc; padding: 0.15em 0.55em; text-align: right; } th[scope=row], thead th:first-child { text-align: left; }
thead th { background: #eee; } .off { background: #fde3d3; } .open { background: #eee; font-style: italic; }
.films { display: flex; flex-wrap: wrap; gap: 1em; } figure { margin: 0; flex: 1 1 480px; max-width: 560px; } figure > svg { width: 100%; height: auto; background: #000; }
figcaption { font-size: 0.85em; color: #444; } footer { margin-top: 3em; border-top: 1px solid #bbb; color: #555; font-size: 0.85em; }
.reader { stroke: #56b4e9; } .model { stroke: #e69f00; stroke-dasharray: 6 3; } .box { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.plots > svg { max-width: 100%; height: auto; } @media print { body { margin: 0; } h2 { break-before: auto; } figure { break-inside: avoid; } }
";
