//! The page as a parser reads it, and text of a table that looks like markup.

use quick_xml::events::Event;

use super::super::tests::compared;
use super::super::{Compared, ModelDocument, compare_json, model_document};
use super::*;
use crate::evaluation::Metric;
use crate::storage::{Override, OverrideTable};

/// Elements of a page that is well-formed XML too, with all text; panics where tags do not pair.
fn read(html: &str) -> (Vec<String>, String) {
    let mut reader = quick_xml::Reader::from_str(html);
    let (mut open, mut all, mut text) = (Vec::new(), Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                all.push(name.clone());
                open.push(name);
            }
            Event::End(_) => _ = open.pop().unwrap(),
            Event::Empty(tag) => all.push(tag.name().as_ref().to_owned()),
            Event::Text(part) => text.push_str(&part),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    (all, text)
}

/// The text between the end of `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("{from} is not there")) + from.len();
    &text[start..start + text[start..].find(to).unwrap()]
}

#[test]
fn the_page_is_whole_and_refers_to_nothing_outside() {
    compared(|c| {
        let command = Some("beliefscope compare --set a='<b>'");
        let of =
            ModelDocument { written: "2026-11-23T13:20:00Z", compared: Some(c), command, ..ModelDocument::default() };
        let html = model_document(&of);
        let (tags, text) = read(&html);
        let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
        assert_eq!((count("h1"), count("script"), count("link"), count("img")), (1, 0, 0, 0));
        assert_eq!((count("section"), count("math")), (15, 11));
        let document = Document::new(&of);
        assert_eq!((count("svg"), count("table")), (document.pictures().len(), document.tables().len()));
        assert!(html.matches("href=\"").count() == html.matches("href=\"#s").count(), "one file");
        assert!(!html.contains("src=") && !html.contains("url(") && !html.contains("@import"));
        let headline = escaped(&c.comparison.verdict.as_ref().unwrap().headline);
        assert_eq!(
            html.matches(&format!("<p class=\"headline\">{headline}</p>")).count(),
            2,
            "in front and in section 7"
        );
        assert!(html.contains("--set a=&#39;&lt;b&gt;&#39;"));
        for words in ["synthetic", "McNemar", "Holm", "SHA-256", "dbn.layers", "✓", "To be written", "not causes"] {
            assert!(text.contains(words), "{words}");
        }
        for warning in c.warnings() {
            assert!(html.contains(&escaped(&warning)), "{warning}");
        }
    });
}

#[test]
fn text_of_the_table_is_never_markup() {
    compared(|c| {
        let mut data = c.data.clone();
        let evil = "</td><script>alert('1')</script>&amp;\u{1}";
        data.label_name = evil.to_owned();
        data.bad_value = evil.to_owned();
        data.indicators.iter_mut().for_each(|indicator| evil.clone_into(&mut indicator.name));
        data.enterprise_names.iter_mut().for_each(|name| evil.clone_into(name));
        data.exposure = Some(vec![f64::NAN; data.n_rows()]);
        let changed = Compared { data: &data, ..*c };
        let against = Override {
            table: Some(OverrideTable { name: evil.to_owned(), sha256: evil.to_owned() }),
            model: None,
            enterprise: Some(evil.to_owned()),
            row: 1,
            pd: 0.5,
            from_bad: false,
            to_bad: true,
            from_grade: None,
            to_grade: Some('<'),
            reason: evil.to_owned(),
            user: evil.to_owned(),
            time: evil.to_owned(),
        };
        let html = model_document(&ModelDocument {
            written: evil,
            compared: Some(&changed),
            command: Some(evil),
            overrides: &[against],
            ..ModelDocument::default()
        });
        let (tags, text) = read(&html);
        assert!(!tags.iter().any(|tag| tag == "script"));
        assert!(text.contains("1 called bad by a person and good by the model"));
    });
}

#[test]
fn numbers_are_those_of_the_json() {
    compared(|c| {
        let json = compare_json(c);
        let html = model_document(&ModelDocument { compared: Some(c), ..ModelDocument::default() });
        let table = between(&html, "id=\"t_models\">", "</table>");
        let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
        let shown = |value: &serde_json::Value, decimals: usize| {
            let text = value.as_f64().map_or("–".to_owned(), |value| format!("{value:.decimals$}"));
            text.replace('-', "−")
        };
        let mut compared_numbers = 0;
        for (metric, row) in Metric::ALL.into_iter().zip(&rows) {
            assert!(row.contains(&escaped(metric.label())), "{row}");
            let cells: Vec<&str> = row.split("<td>").skip(1).map(|cell| cell.split("</td>").next().unwrap()).collect();
            let decimals = if metric == Metric::ExpectedCost { 1 } else { 3 };
            for (model, cell) in json["models"].as_array().unwrap().iter().zip(cells) {
                let of = |part: &str| &model[part][metric.name()];
                let mean = shown(of("mean"), decimals);
                let sd = if of("sd").is_null() { String::new() } else { format!(" ± {}", shown(of("sd"), decimals)) };
                let figure = cell.trim_start_matches("<strong>").trim_start_matches("✓ ");
                assert!(figure.starts_with(&format!("{mean}{sd}")), "{metric:?} {cell} is not {mean}{sd}");
                if let Some(ends) = of("intervals").as_array() {
                    let interval =
                        format!("<small>{} to {}</small>", shown(&ends[0], decimals), shown(&ends[1], decimals));
                    assert!(cell.ends_with(&interval), "{metric:?} {cell} is not {interval}");
                    compared_numbers += 2;
                }
                compared_numbers += 2;
            }
        }
        assert!(compared_numbers > 13 * 5 * 3, "{compared_numbers}");
        let tests = between(&html, "id=\"t_tests\">", "</table>");
        for pair in json["comparisons"].as_array().unwrap() {
            assert!(tests.contains(&format!("<td>{}</td>", shown(&pair["mean_difference"], 3))));
        }
        let confusion = between(&html, "id=\"t_confusion\">", "</table>");
        for model in json["models"].as_array().unwrap() {
            let counts =
                ["true_bad", "false_good", "true_good", "false_bad"].map(|name| model["confusion"][name].to_string());
            assert!(confusion.contains(&format!("<td>{}</td>", counts.join("</td><td>"))), "{counts:?}");
        }
    });
}

#[test]
fn what_is_not_known_is_said_and_the_page_stays_whole() {
    let empty = model_document(&ModelDocument::default());
    let (tags, text) = read(&empty);
    assert_eq!(tags.iter().filter(|tag| *tag == "section").count(), 15);
    assert!(text.contains("run Compare") && text.contains("To be written"));
    compared(|c| {
        let interrupted = Compared { analysis: None, ..*c };
        let html = model_document(&ModelDocument { compared: Some(&interrupted), ..ModelDocument::default() });
        assert!(read(&html).1.contains("not worked out"));
    });
}
