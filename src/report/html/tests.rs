//! The page as a parser reads it, and text of a table that looks like markup.

use quick_xml::events::Event;

use super::super::tests::compared;
use super::page::{Page, money, number};
use super::*;

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

#[test]
fn the_page_is_whole_and_refers_to_nothing() {
    compared(|c| {
        let html = html_report(c, "beliefscope compare --set a='<b>'");
        let (tags, text) = read(&html);
        let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
        assert_eq!((count("h1"), count("script"), count("link"), count("img")), (1, 0, 0, 0));
        assert_eq!(count("svg"), Figure::all(&c.spec.settings.models).len());
        assert!(!html.contains("src=") && !html.contains("href=") && !html.contains("url("), "one file");
        assert!(text.contains(&c.comparison.verdict.as_ref().unwrap().headline));
        assert!(html.contains("--set a=&#39;&lt;b&gt;&#39;"));
        for words in ["synthetic", "McNemar", "Holm", "SHA-256", "dbn.layers", "✓"] {
            assert!(text.contains(words), "{words}");
        }
        for warning in c.warnings() {
            assert!(html.contains(&super::super::escape::escaped(&warning)), "{warning}");
        }
    });
}

#[test]
fn text_of_the_table_is_never_markup() {
    compared(|c| {
        let mut data = c.data.clone();
        let evil = "</td><script>alert('1')</script>&amp;";
        data.label_name = evil.to_owned();
        data.bad_value = evil.to_owned();
        data.enterprise_names.iter_mut().for_each(|name| evil.clone_into(name));
        data.exposure = Some(vec![f64::NAN; data.n_rows()]);
        let changed = Compared { data: &data, ..*c };
        let html = html_report(&changed, evil);
        let (tags, _) = read(&html);
        assert!(!tags.iter().any(|tag| tag == "script"));
    });
}

#[test]
fn an_interrupted_analysis_leaves_a_whole_page() {
    compared(|c| {
        let html = html_report(&Compared { analysis: None, ..*c }, "");
        assert!(read(&html).1.contains("not worked out"));
    });
}

#[test]
fn numbers_are_written_for_people() {
    assert_eq!(money(Some(1_234_567.4), "€"), "€ 1,234,567");
    assert_eq!((money(Some(-999.0), ""), money(None, "€")), ("−999".to_owned(), "–".to_owned()));
    assert_eq!((money(Some(-0.2), ""), number(Some(-0.25), 2)), ("0".to_owned(), "−0.25".to_owned()));
    assert_eq!(number(None, 3), "–");
    read(&Page::new("a < b").finish());
}
