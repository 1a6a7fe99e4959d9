//! What column names and label values say: the word lists behind the guesses, in English and Chinese, and which names
//! look alike.

/// Names of outcomes, the more telling first. A name counts when it is, or contains as a whole word, one of these.
const LABEL_WORDS: [&str; 21] = [
    "default",
    "defaulted",
    "bankrupt",
    "bankruptcy",
    "insolvent",
    "insolvency",
    "distress",
    "distressed",
    "failed",
    "failure",
    "违约",
    "破产",
    "逾期",
    "标签",
    "label",
    "class",
    "target",
    "outcome",
    "creditability",
    "status",
    "y",
];

/// Label values that mean the bad outcome, the more telling first.
const BAD_WORDS: [&str; 31] = [
    "default",
    "defaulted",
    "bankrupt",
    "bankruptcy",
    "insolvent",
    "failed",
    "fail",
    "failure",
    "distressed",
    "distress",
    "bad",
    "delinquent",
    "risky",
    "high risk",
    "1",
    "yes",
    "true",
    "y",
    "t",
    "违约",
    "破产",
    "逾期",
    "坏",
    "高风险",
    "是",
    "oui",
    "ja",
    "áno",
    "ano",
    "tak",
    "да",
];

/// Label values that mean the good outcome: what is left of two is then the bad one.
const GOOD_WORDS: [&str; 22] = [
    "good",
    "healthy",
    "alive",
    "active",
    "solvent",
    "normal",
    "non-default",
    "no default",
    "paid",
    "no",
    "false",
    "n",
    "否",
    "正常",
    "好",
    "低风险",
    "f",
    "non",
    "nein",
    "nie",
    "ne",
    "нет",
];

/// Words that alone or together make the name of an id: `company`, `firm name`, `borrower_id`.
const ID_WORDS: [&str; 27] = [
    "id",
    "ids",
    "uid",
    "uuid",
    "key",
    "name",
    "code",
    "company",
    "firm",
    "enterprise",
    "corporation",
    "issuer",
    "obligor",
    "borrower",
    "customer",
    "client",
    "debtor",
    "ticker",
    "permno",
    "gvkey",
    "cik",
    "isin",
    "企业",
    "公司",
    "客户",
    "户名",
    "序号",
];

/// Ends of Chinese names of ids: number, code, full name, short name, company name, enterprise name.
const ID_ENDINGS: [&str; 6] = ["编号", "代码", "名称", "简称", "公司名", "企业名"];

/// Chinese words for what has codes and names and is no enterprise: industry, region.
const NOT_ID_CHARACTERS: [&str; 2] = ["行业", "地区"];

/// Names of periods.
const PERIOD_WORDS: [&str; 10] = ["year", "fyear", "date", "period", "quarter", "month", "day", "年份", "年度", "日期"];

/// Words that make a date a property of the firm and not the time of the row.
const NOT_PERIOD_WORDS: [&str; 8] =
    ["founded", "founding", "foundation", "established", "establishment", "incorporated", "incorporation", "birth"];

/// The words of a name in lower case: letters and digits that stand together; `CompanyName` is two words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars() {
        let starts_word = c.is_uppercase() && previous_lower;
        previous_lower = c.is_lowercase();
        if !c.is_alphanumeric() || starts_word {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_chinese(word: &str) -> bool {
    !word.is_ascii()
}

/// How well a name fits an outcome, best smallest: whole name before part of it, then by word; with the word found.
pub(super) fn label_rank(name: &str) -> Option<(usize, &'static str)> {
    let words = words(name);
    let position = |matches: &dyn Fn(&str) -> bool| LABEL_WORDS.iter().position(|word| matches(word));
    let whole = position(&|word| words.len() == 1 && words[0] == word);
    let part = || {
        position(&|word| word != "y" && words.iter().any(|w| w == word || (is_chinese(word) && w.contains(word))))
            .map(|rank| rank + LABEL_WORDS.len())
    };
    whole.or_else(part).map(|rank| (rank, LABEL_WORDS[rank % LABEL_WORDS.len()]))
}

/// How telling a label value is for the bad outcome, best smallest.
pub(super) fn bad_rank(value: &str) -> Option<usize> {
    let value = value.to_lowercase();
    BAD_WORDS.iter().position(|&word| word == value)
}

/// Whether a label value means the good outcome.
pub(super) fn is_good(value: &str) -> bool {
    GOOD_WORDS.contains(&value.to_lowercase().as_str())
}

/// Whether a name is that of an id: its last word is `id`, or all its words are id words. `sector_code` and
/// `company_type` are not.
pub(super) fn is_id(name: &str) -> bool {
    let words = words(name);
    let known = |word: &String| {
        ID_WORDS.contains(&word.as_str())
            || (ID_ENDINGS.iter().any(|end| word.ends_with(end)) && !NOT_ID_CHARACTERS.iter().any(|c| word.contains(c)))
    };
    words.last().is_some_and(|word| word == "id") || (!words.is_empty() && words.iter().all(known))
}

/// How well a name fits a period, best smallest: the whole name 0, part of it 1.
pub(super) fn period_rank(name: &str) -> Option<usize> {
    let words = words(name);
    let is_period = |word: &String| {
        PERIOD_WORDS.contains(&word.as_str())
            || word == "年"
            || (is_chinese(word) && PERIOD_WORDS.iter().any(|p| is_chinese(p) && word.contains(p)))
    };
    if words.iter().any(|word| NOT_PERIOD_WORDS.contains(&word.as_str())) || !words.iter().any(is_period) {
        return None;
    }
    Some(usize::from(words.len() > 1))
}

/// Up to three of `names` that look most like `name`, the most similar first; none that differs in more than half of
/// its letters.
pub(crate) fn nearest(name: &str, names: &[String]) -> Vec<String> {
    // Distances cost length × length: nobody mistypes a name of more letters than this.
    const LONGEST: usize = 100;
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST).collect();
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().take(LONGEST).collect();
            (edit_distance(&wanted, &letters), candidate)
        })
        .filter(|(distance, _)| 2 * distance <= wanted.len())
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, candidate)| candidate.clone()).collect()
}

/// Levenshtein's distance: the fewest letters to insert, delete or replace.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        assert_eq!(words("Bankrupt?"), ["bankrupt"]);
        assert_eq!(words("CompanyName (2)"), ["company", "name", "2"]);
        assert_eq!(words("ROA(C)_before"), ["roa", "c", "before"]);
        assert!(words(" ?").is_empty());
    }

    #[test]
    fn outcomes_by_name() {
        let word = |name| label_rank(name).map(|(_, word)| word);
        assert_eq!(word("status_label"), Some("label"));
        assert_eq!(word("Bankrupt?"), Some("bankrupt"));
        assert_eq!(word("是否违约"), Some("违约"));
        assert_eq!(word("Y"), Some("y"));
        assert_eq!(word("growth y"), None);
        assert_eq!(word("classification yield"), None);
        assert!(label_rank("class") < label_rank("default flag"));
    }

    #[test]
    fn ids_by_name() {
        for name in ["id", "company_name", "Firm", "borrowerId", "loan_id", "企业名称", "股票代码", "Ticker"] {
            assert!(is_id(name), "{name}");
        }
        for name in [
            "sector_code",
            "company_type",
            "number_of_existing_credits",
            "Attr1",
            "X1",
            "valid",
            "",
            "paid",
            "行业代码",
            "排名",
        ] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn periods_by_name() {
        assert_eq!(period_rank("year"), Some(0));
        assert_eq!(period_rank("fiscal_year"), Some(1));
        assert_eq!(period_rank("年份"), Some(0));
        for name in
            ["age_in_years", "present_residence_since", "year_founded", "Persistent EPS in the Last Four Seasons"]
        {
            assert_eq!(period_rank(name), None, "{name}");
        }
    }

    #[test]
    fn edit_distances_by_hand() {
        let distance = |a: &str, b: &str| edit_distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("违约", "违约"), 0);
    }

    #[test]
    fn near_names_come_first() {
        let names = ["class", "Label", "lable", "x"].map(str::to_owned);
        assert_eq!(nearest("label", &names), ["Label", "lable"]);
        assert!(nearest("zzz", &names).is_empty());
    }
}
