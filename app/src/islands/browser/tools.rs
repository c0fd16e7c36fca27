//! What every page has: keys and their help, copying, the theme, a word before
//! unsent text is lost.

use super::{
    dom::{
        all, attr, by_id, document, element, everywhere, first, flag, is_changed, is_field,
        is_shown, on, on_first, parse, says, set, window,
    },
    net, timeline,
};
use rideout_domain::command::COMMANDS;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    BeforeUnloadEvent, Element, Event, HtmlDialogElement, HtmlElement, HtmlFormElement,
    HtmlInputElement, KeyboardEvent, SubmitEvent,
};

/// Keys that work on every page, and what they do. Pages name others by `data-key`.
const KEYS: &[(&str, &str)] = &[
    ("?", "This help"),
    ("/", "Write in the room, or find an incident"),
    ("j", "Next entry"),
    ("k", "Entry before"),
    ("Ctrl Enter", "Add what is written"),
    ("Esc", "Close what is open"),
];

/// Where the keys of the page go among the others.
const PAGE_KEYS: &str = "<div data-page-keys></div>";

pub(crate) fn start() {
    on_first(&document(), "keydown", keys);
    on(&document(), "click", clicks);
    on(&document(), "submit", theme);
    on(&window(), "beforeunload", |event: BeforeUnloadEvent| {
        if everywhere::<HtmlFormElement>("form[data-guard]")
            .iter()
            .any(is_unsent)
        {
            event.prevent_default();
        }
    });
    on(&document(), "submit", |event: SubmitEvent| {
        if let Some(form) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) {
            let _ = form.remove_attribute("data-guard");
        }
    });
    for button in everywhere::<Element>("[data-copy],[data-copy-from],[data-help]") {
        flag(&button, "hidden", false);
    }
}

fn keys(event: KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    if target.is_some_and(|element| is_field(&element)) {
        return;
    }
    let done = match event.key().as_str() {
        "/" => focus_composer(),
        "?" => help(),
        "j" => step(1),
        "k" => step(-1),
        _ => false,
    };
    if done {
        event.prevent_default();
    }
}

fn focus_composer() -> bool {
    match by_id::<HtmlElement>("composer-text").filter(|text| is_shown(text)) {
        Some(text) => text.focus().is_ok(),
        None => false,
    }
}

/// Goes to the next entry or the one before.
fn step(by: i32) -> bool {
    let Some(list) = timeline::list() else {
        return false;
    };
    let items: Vec<Element> = timeline::items(&list)
        .into_iter()
        .filter(is_shown)
        .collect();
    let here = document()
        .active_element()
        .and_then(|one| one.closest("#timeline > li").ok()?);
    let at = here.and_then(|here| items.iter().position(|item| *item == here));
    let next = match at {
        Some(at) => i32::try_from(at).unwrap_or(0) + by,
        // Whoever comes from outside begins with the newest.
        None => i32::try_from(items.len()).unwrap_or(0) - 1,
    };
    if let Some(item) = usize::try_from(next).ok().and_then(|next| items.get(next)) {
        timeline::go_to(item);
    }
    true
}

fn help() -> bool {
    let dialog = match by_id::<HtmlDialogElement>("help") {
        Some(dialog) => dialog,
        None => match make_help() {
            Some(dialog) => dialog,
            None => return false,
        },
    };
    if dialog.open() {
        dialog.close();
    } else {
        let _ = dialog.show_modal();
    }
    true
}

fn make_help() -> Option<HtmlDialogElement> {
    let dialog = element("dialog", "help")?;
    dialog.set_id("help");
    set(&dialog, "aria-labelledby", "help-title");
    let mut html = String::from(
        "<div class=\"stack\"><h2 id=\"help-title\" tabindex=\"-1\" autofocus>Keys</h2><dl>",
    );
    for (key, does) in KEYS {
        let keys: String = key
            .split(' ')
            .map(|k| format!("<kbd>{k}</kbd>"))
            .collect::<Vec<_>>()
            .join(" ");
        html.push_str(&format!("<div><dt>{keys}</dt><dd>{does}</dd></div>"));
    }
    html.push_str(PAGE_KEYS);
    if by_id::<Element>("composer").is_some() {
        html.push_str("</dl><h2>Commands</h2><dl>");
        for command in COMMANDS {
            // The table is ours and holds nothing that HTML would mistake.
            html.push_str(&format!(
                "<div><dt><code>{}</code></dt><dd>{}</dd></div>",
                command.usage(),
                command.explained
            ));
        }
    }
    html.push_str(
        "</dl><form method=\"dialog\"><button class=\"button\">Close</button></form></div>",
    );
    dialog.set_inner_html(&html);
    let place = first::<Element>(&dialog, "[data-page-keys]")?;
    let mut named: Vec<String> = vec!["/".to_owned()];
    for one in everywhere::<Element>("[data-key]")
        .iter()
        .filter(|one| is_shown(one))
    {
        let key = attr(one, "data-key");
        if named.contains(&key) {
            continue;
        }
        let words = words_of(one, &key);
        let row = parse("<div><dt><kbd></kbd></dt><dd></dd></div>")?;
        let (name, does) = (
            first::<Element>(&row, "kbd")?,
            first::<Element>(&row, "dd")?,
        );
        says(&name, &key);
        says(&does, &words);
        let _ = place.before_with_node_1(&row);
        named.push(key);
    }
    place.remove();
    super::dom::body().append_child(&dialog).ok()?;
    dialog.dyn_into().ok()
}

/// What a control with a key does, in its own words.
fn words_of(control: &Element, key: &str) -> String {
    let label = control
        .get_attribute("aria-label")
        .or_else(|| control.get_attribute("placeholder"));
    let words = label.unwrap_or_else(|| control.text_content().unwrap_or_default());
    let words = words.trim();
    words
        .strip_suffix(&key.to_ascii_uppercase())
        .unwrap_or(words)
        .trim()
        .to_owned()
}

fn clicks(event: Event) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let near = |selector: &str| target.closest(selector).ok().flatten();
    if let Some(button) = near("[data-copy],[data-copy-from]") {
        event.prevent_default();
        copy(button);
    } else if near("[data-help]").is_some() {
        event.prevent_default();
        help();
    }
}

fn copy(button: Element) {
    let from = button.get_attribute("data-copy-from");
    let from = from.and_then(|id| by_id::<Element>(id.trim_start_matches('#')));
    let text = match from {
        Some(from) => match from.dyn_ref::<HtmlInputElement>() {
            Some(input) => input.value(),
            None => from.text_content().unwrap_or_default(),
        },
        None => attr(&button, "data-copy"),
    };
    spawn_local(async move {
        let done = JsFuture::from(window().navigator().clipboard().write_text(&text))
            .await
            .is_ok();
        let words = if done {
            "Copied"
        } else {
            "Copying was not allowed"
        };
        let before = button.text_content().unwrap_or_default();
        if before != words {
            super::notify::say(words);
            let inside = button.inner_html();
            button.set_text_content(Some(words));
            super::dom::after(1_500, move || button.set_inner_html(&inside));
        }
    });
}

fn is_unsent(form: &HtmlFormElement) -> bool {
    all::<Element>(form, "textarea, input")
        .iter()
        .any(is_changed)
}

/// Changes the theme without loading the page again.
fn theme(event: SubmitEvent) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|form| attr(form, "action") == "/theme") else {
        return;
    };
    let Some(button) = event.submitter() else {
        return;
    };
    event.prevent_default();
    let chosen = attr(&button, "value");
    if let Some(page) = document().document_element() {
        match chosen.as_str() {
            "light" | "dark" => set(&page, "data-theme", &chosen),
            _ => {
                let _ = page.remove_attribute("data-theme");
            }
        }
    }
    for one in all::<Element>(&form, "button") {
        set(
            &one,
            "aria-pressed",
            if attr(&one, "value") == chosen {
                "true"
            } else {
                "false"
            },
        );
    }
    spawn_local(async move {
        let body = format!("theme={}", net::encode(&chosen));
        net::send(
            &attr(&form, "action"),
            &body.into(),
            "application/x-www-form-urlencoded",
        )
        .await;
    });
}
