//! On-call schedules, as people, programs and calendars use them.

use crate::{
    door::sign_in,
    support::{TestServer, Who, new_id, send},
};
use serde_json::json;

/// The rest of an address after a part of it, up to a mark.
fn after<'a>(text: &'a str, before: &str, mark: char) -> &'a str {
    let rest = text
        .split_once(before)
        .unwrap_or_else(|| panic!("{before} is not in {text}"));
    rest.1.split(mark).next().unwrap()
}

#[tokio::test]
async fn a_schedule_is_made_by_forms_and_people_stand_in() {
    for server in TestServer::each().await {
        let commander = sign_in(&server, Who::Commander).await;
        let empty = commander.get("/on-call").await.expect(200);
        assert!(
            empty.text.contains("Make the first schedule"),
            "{}",
            empty.text
        );
        let form = commander.get("/on-call/new").await.expect(200);
        assert!(form.text.contains("value=\"Australia/Lord_Howe\""));
        let id = after(&form.text, "name=\"id\" value=\"", '"').to_owned();

        let refused = commander
            .form(
                "/on-call",
                &[("id", &id), ("name", "Payments"), ("zone", "Nowhere")],
            )
            .await
            .expect(422);
        assert!(
            refused.text.contains("“Nowhere” is no time zone"),
            "{}",
            refused.text
        );
        assert!(
            refused.text.contains("value=\"Payments\"")
                && refused.text.contains("value=\"Nowhere\"")
        );
        let fields = [
            ("id", id.as_str()),
            ("name", "Payments"),
            ("zone", "Europe/Berlin"),
        ];
        let layer = format!("/on-call/{id}/layers/new");
        for _ in 0..2 {
            let made = commander.form("/on-call", &fields).await.expect(303);
            assert_eq!(
                made.header("location"),
                layer,
                "sent twice, it is one schedule"
            );
        }

        let form = commander.get(&layer).await.expect(200);
        let revision = after(&form.text, "name=\"revision\" value=\"", '"').to_owned();
        let (omar, priya) = (
            server.person(Who::Responder).id.as_str(),
            server.person(Who::Commander).id.as_str(),
        );
        let mut fields = vec![
            ("revision", revision.as_str()),
            ("name", "Primary"),
            ("people", omar),
            ("people", ""),
            ("people", priya),
            ("rotation", "weekly"),
            ("weekday", "monday"),
            ("starts_on", "2020-01-06"),
            ("hand_over", "nine"),
            ("windows.1.days", "friday"),
            ("windows.1.from", "18:00"),
            ("windows.1.until", ""),
        ];
        let layers = format!("/on-call/{id}/layers");
        let refused = commander.form(&layers, &fields).await.expect(422);
        for words in [
            "“nine” is no time of day",
            "value=\"nine\"",
            "id=\"w1-from\"",
        ] {
            assert!(refused.text.contains(words), "{words}: {}", refused.text);
        }
        fields[8].1 = "09:00";
        let refused = commander.form(&layers, &fields).await.expect(422);
        assert!(
            refused.text.contains("id=\"w1-until-error\""),
            "{}",
            refused.text
        );
        fields.truncate(9);
        let saved = commander.form(&layers, &fields).await.expect(303);
        assert_eq!(saved.header("location"), format!("/on-call/{id}#layers"));
        // On top of what it has not seen, the form is shown again.
        let stale = commander.form(&layers, &fields).await.expect(409);
        assert!(
            stale.text.contains("Somebody changed this schedule"),
            "{}",
            stale.text
        );

        let page = commander.get(&format!("/on-call/{id}")).await.expect(200);
        for words in [
            "Every Monday at 09:00",
            "covered for 14 days",
            "Put on call",
        ] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }

        let responder = sign_in(&server, Who::Responder).await;
        let page = responder.get(&format!("/on-call/{id}")).await.expect(200);
        assert!(page.text.contains("Put me on call") && !page.text.contains("/layers/0\""));
        let overrides = format!("/on-call/{id}/overrides");
        let refused = responder
            .form(
                &overrides,
                &[
                    ("person", omar),
                    ("from", "soon"),
                    ("until", "2099-01-01T09:00"),
                ],
            )
            .await
            .expect(422);
        assert!(
            refused.text.contains("“soon” is no date and time"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains("value=\"soon\""));
        let other = [
            ("person", priya),
            ("from", "2098-12-01T09:00"),
            ("until", "2099-01-01T09:00"),
        ];
        responder.form(&overrides, &other).await.expect(403);
        let own = [("from", "2098-12-01T09:00"), ("until", "2099-01-01T09:00")];
        responder.form(&overrides, &own).await.expect(303);
        let page = responder.get(&format!("/on-call/{id}")).await.expect(200);
        let remove = format!(
            "{overrides}/{}/remove",
            after(&page.text, &format!("{overrides}/"), '/')
        );
        responder.form(&remove, &[]).await.expect(303);
        responder.form(&remove, &[]).await.expect(404);
        sign_in(&server, Who::Viewer)
            .await
            .get("/on-call")
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_viewer_is_refused_in_a_layer_an_override_and_a_policy_and_nothing_typed_is_lost() {
    let server = TestServer::start().await;
    let commander = sign_in(&server, Who::Commander).await;
    let api = server.client(Who::Commander);
    let id_of = |who| server.person(who).id.clone();
    let (omar, vera) = (id_of(Who::Responder), id_of(Who::Viewer));
    let made = api
        .post(
            "/api/v1/schedules",
            &json!({ "name": "Carrier", "zone": "UTC" }),
        )
        .await
        .expect(201)
        .json();
    let path = format!("/on-call/{}", made["id"].as_str().unwrap());
    let form = commander
        .get(&format!("{path}/layers/new"))
        .await
        .expect(200);
    assert!(form.text.contains(&omar) && !form.text.contains(&vera));
    let revision = after(&form.text, "name=\"revision\" value=\"", '"').to_owned();
    let mut fields = vec![
        ("revision", revision.as_str()),
        ("name", "Nights of the carrier"),
        ("people", omar.as_str()),
        ("people", vera.as_str()),
        ("rotation", "daily"),
        ("starts_on", "2020-01-06"),
        ("hand_over", "09:00"),
    ];
    let layers = format!("{path}/layers");
    let refused = commander.form(&layers, &fields).await.expect(422);
    for words in [
        "can only look: give them the role responder or put somebody else here.",
        "(viewer)",
        "value=\"Nights of the carrier\"",
        &format!("<option value=\"{vera}\" selected"),
    ] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    fields.remove(3);
    commander.form(&layers, &fields).await.expect(303);

    let stands_in = [
        ("person", vera.as_str()),
        ("from", "2098-12-01T09:00"),
        ("until", "2099-01-01T09:00"),
    ];
    let overrides = format!("{path}/overrides");
    let refused = commander.form(&overrides, &stands_in).await.expect(422);
    for words in [
        "can only look",
        "(viewer)",
        "value=\"2098-12-01T09:00\"",
        "id=\"f-person-error\"",
    ] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }

    let target = format!("person:{vera}");
    let level = [
        ("name", "Nights"),
        ("repeats", "0"),
        ("levels", "1"),
        ("minutes-0", "7"),
        ("target-0", target.as_str()),
        ("do", "save"),
    ];
    let refused = commander.form("/policies", &level).await.expect(422);
    for words in ["can only look", "value=\"Nights\"", &target] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    assert!(
        !refused.text.contains("somebody who is no longer here"),
        "{}",
        refused.text
    );

    // Omar becomes a viewer: both pages say so.
    let level: Vec<_> = level
        .into_iter()
        .map(|(name, value)| match name {
            "target-0" => (name, format!("person:{omar}")),
            _ => (name, value.to_owned()),
        })
        .collect();
    let level: Vec<_> = level.iter().map(|(n, v)| (*n, v.as_str())).collect();
    commander.form("/policies", &level).await.expect(303);
    let admin = sign_in(&server, Who::Admin).await;
    admin
        .form(&format!("/people/{omar}/role"), &[("role", "viewer")])
        .await
        .expect(303);
    for (page, words) in [
        (path.as_str(), "Not everybody named here can respond."),
        ("/policies", "Not everybody it calls can respond."),
    ] {
        let page = commander.get(page).await.expect(200);
        assert!(page.text.contains(words), "{words}: {}", page.text);
        assert!(page.text.contains("can only look"), "{}", page.text);
    }
    let schedule = format!("/api/v1/schedules/{}", made["id"].as_str().unwrap());
    let shown = api.get(&schedule).await.expect(200).json();
    let warnings = shown["warnings"].to_string();
    assert!(warnings.contains("can only look"), "{warnings}");
}

#[tokio::test]
async fn a_calendar_goes_in_and_out() {
    let server = TestServer::start().await;
    let commander = sign_in(&server, Who::Commander).await;
    let api = server.client(Who::Commander);
    let made = api
        .post(
            "/api/v1/schedules",
            &json!({ "name": "Carrier", "zone": "Europe/Berlin" }),
        )
        .await
        .expect(201)
        .json();
    let id = made["id"].as_str().unwrap();

    let calendar =
        |events: &str| format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
    let event = |rule: &str, whom: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:{whom}\r\nDTSTART;TZID=\"W. Europe Standard Time\":20200106T090000\r\nDURATION:P1D\r\n{rule}SUMMARY:{whom}\r\nEND:VEVENT\r\n"
        )
    };
    let omar = &Who::Responder.email();
    let weekly = "RRULE:FREQ=WEEKLY\r\n";
    let file = calendar(&[event(weekly, omar), event(weekly, "Dana")].concat());

    let upload = |text: String| {
        let boundary = "the-boundary";
        let body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"team.ics\"\r\ncontent-type: text/calendar\r\n\r\n{text}\r\n--{boundary}--\r\n"
        );
        commander
            .request("POST", &format!("/on-call/{id}/import"))
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .body(body)
    };
    let broken = send(upload("<html>".to_owned())).await.expect(422);
    assert!(
        broken.text.contains("This is no iCalendar file"),
        "{}",
        broken.text
    );
    let tick = calendar(&event("RRULE:FREQ=SECONDLY\r\n", "Tick"));
    let tick = send(upload(tick)).await.expect(422);
    assert!(
        tick.text.contains("“Tick” recurs too often"),
        "{}",
        tick.text
    );
    let over = calendar(&event(
        "RRULE:FREQ=DAILY;UNTIL=20200110T000000Z\r\n",
        "Dana",
    ));
    let over = send(upload(over)).await.expect(422);
    assert!(
        over.text.contains("no event in the coming year"),
        "{}",
        over.text
    );

    let look = send(upload(file.clone())).await.expect(200);
    for words in ["Not recognised", "Dana", "Who Dana is", "Put them on call"] {
        assert!(look.text.contains(words), "{words}: {}", look.text);
    }
    let shifts = after(&look.text, "name=\"shifts\" value=\"", '"').replace("&quot;", "\"");
    let confirm = format!("/on-call/{id}/import/confirm");
    let unsaid = [
        ("shifts", shifts.as_str()),
        ("whom.0", "Dana"),
        ("is.0", ""),
    ];
    let unsaid = commander.form(&confirm, &unsaid).await.expect(422);
    assert!(
        unsaid.text.contains("Choose who this is"),
        "{}",
        unsaid.text
    );
    let lost = commander
        .form(&confirm, &[("shifts", "nonsense")])
        .await
        .expect(422);
    assert!(
        lost.text.contains("choose the calendar again"),
        "{}",
        lost.text
    );
    let said = [
        ("shifts", shifts.as_str()),
        ("whom.0", "Dana"),
        ("is.0", "nobody"),
    ];
    commander.form(&confirm, &said).await.expect(303);
    let shown = api
        .get(&format!("/api/v1/schedules/{id}"))
        .await
        .expect(200)
        .json();
    let overrides = shown["overrides"].as_array().unwrap();
    assert!((51..=54).contains(&overrides.len()), "{}", overrides.len());
    assert!(overrides.iter().all(|one| one["source"] == "import"));

    // The same by a program, which must say what becomes of those nobody knows.
    let import = format!("/api/v1/schedules/{id}/calendar");
    let post = |path: String| {
        api.request("POST", &path)
            .header("content-type", "text/calendar")
            .body(file.clone())
    };
    let refused = send(post(import.clone())).await.expect(422);
    assert_eq!(refused.field(), "who");
    let imported = send(post(format!("{import}?unmatched=leave_out")))
        .await
        .expect(200)
        .json();
    assert_eq!(imported["shifts"], overrides.len());
    assert_eq!(imported["unmatched"], json!(["Dana"]));

    let page = commander
        .form(&format!("/on-call/{id}/feeds"), &[])
        .await
        .expect(201);
    let address = after(&page.text, "/calendars/", '"');
    let stranger = server.client(Who::Stranger);
    let feed = stranger
        .get(&format!("/calendars/{address}"))
        .await
        .expect(200);
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert!(
        feed.text.starts_with("BEGIN:VCALENDAR\r\n") && feed.text.contains("BEGIN:VEVENT"),
        "{}",
        feed.text
    );
    let list = commander.get("/on-call").await.expect(200);
    let revoke = format!(
        "/on-call/feeds/{}/revoke",
        after(&list.text, "/on-call/feeds/", '/')
    );
    commander.form(&revoke, &[]).await.expect(303);
    stranger
        .get(&format!("/calendars/{address}"))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_calendar_is_fetched_by_its_web_address_with_leave() {
    let (listener, calendar) = (
        tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20200106T090000Z\r\nDURATION:P1D\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Dana\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let host = listener.local_addr().unwrap();
    let router = axum::Router::new()
        .route(
            "/team.ics",
            axum::routing::get(move || async move { calendar }),
        )
        .route("/page", axum::routing::get(|| async { "<html></html>" }))
        .route(
            "/large",
            axum::routing::get(|| async { "x".repeat(6 * 1024 * 1024) }),
        );
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    for (flags, allowed) in [
        (vec!["--outgoing-allow", "127.0.0.1"], true),
        (vec![], false),
    ] {
        let server = TestServer::with(&flags).await;
        let commander = sign_in(&server, Who::Commander).await;
        let made = server
            .client(Who::Commander)
            .post(
                "/api/v1/schedules",
                &json!({ "name": "Carrier", "zone": "UTC" }),
            )
            .await
            .expect(201)
            .json();
        let import = format!("/on-call/{}/import", made["id"].as_str().unwrap());
        let fetch = |path: &str| {
            let url = format!("http://{host}{path}");
            let (commander, import) = (&commander, &import);
            async move { commander.form(import, &[("url", &url)]).await }
        };
        if allowed {
            let look = fetch("/team.ics").await.expect(200);
            assert!(look.text.contains("Who Dana is"), "{}", look.text);
            for (path, says) in [
                ("/page", "This is no iCalendar file"),
                ("/large", "f-url-error"),
                ("/missing", "404"),
            ] {
                let refused = fetch(path).await.expect(422);
                assert!(refused.text.contains(says), "{path}: {}", refused.text);
                assert!(
                    refused.text.contains("f-url-error"),
                    "{path}: {}",
                    refused.text
                );
            }
        } else {
            let refused = fetch("/team.ics").await.expect(422);
            assert!(refused.text.contains("f-url-error"), "{}", refused.text);
            assert!(
                refused
                    .text
                    .contains(&format!("value=\"http://{host}/team.ics\""))
            );
            let responder = sign_in(&server, Who::Responder).await;
            responder
                .form(&import, &[("url", "https://example.org")])
                .await
                .expect(403);
            let nothing = commander.form(&import, &[]).await.expect(422);
            assert!(
                nothing.text.contains("Choose a calendar file, or write"),
                "{}",
                nothing.text
            );
        }
    }
    serving.abort();
}

#[tokio::test]
async fn a_program_keeps_a_schedule() {
    for server in TestServer::each().await {
        let (commander, responder) = (server.client(Who::Commander), server.client(Who::Responder));
        let omar = server.person(Who::Responder).id.as_str();
        let body = json!({
            "id": new_id(), "name": "Payments", "zone": "america/new_york",
            "layers": [{ "name": "Primary", "rotation": "daily", "starts_on": "2020-01-01", "hand_over": "09:00", "people": [omar] }],
        });
        responder.post("/api/v1/schedules", &body).await.expect(403);
        let made = commander.post("/api/v1/schedules", &body).await.expect(201);
        let path = made.header("location").to_owned();
        let made = made.json();
        assert_eq!(made["zone"], "America/New_York");
        assert_eq!(made["on_call"][0]["id"], omar);
        assert_eq!(
            (
                made["next"].is_null(),
                made["gaps"].as_array().unwrap().len()
            ),
            (true, 0)
        );
        let list = responder.get("/api/v1/schedules").await.expect(200).json();
        assert_eq!(list["schedules"][0]["name"], "Payments");

        let mut bad = body.clone();
        bad["layers"][0]["hand_over"] = json!("9am");
        bad["name"] = json!("Other");
        bad["id"] = json!(new_id());
        assert_eq!(
            commander
                .post("/api/v1/schedules", &bad)
                .await
                .expect(422)
                .field(),
            "layers.0.hand_over"
        );
        let stale = json!({ "name": "Other", "changed_at": "2020-01-01T00:00:00Z" });
        commander.patch(&path, &stale).await.expect(409);
        let renamed = json!({ "name": "Payments EU", "zone": "Europe/Berlin", "team": null, "changed_at": made["changed_at"] });
        let renamed = commander.patch(&path, &renamed).await.expect(200).json();
        assert_eq!(renamed["layers"], made["layers"]);

        let shifts = |query: &str| format!("{path}/shifts?{query}");
        let week = shifts("from=2019-12-30T00:00:00Z&until=2020-01-03T00:00:00Z");
        let week = responder.get(&week).await.expect(200).json();
        assert_eq!(week["shifts"][0]["people"], json!([]));
        assert_eq!(
            week["shifts"][1]["from"], "2020-01-01T14:00:00Z",
            "it was in New York then"
        );
        assert_eq!(week["shifts"][1]["people"][0]["id"], omar);
        for bad in [
            "from=soon",
            "from=2020-01-02T00:00:00Z&until=2020-01-01T00:00:00Z",
            "from=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z",
        ] {
            responder.get(&shifts(bad)).await.expect(422);
        }

        let until = "2098-01-01T00:00:00Z";
        let own = json!({ "from": "2097-12-01T00:00:00Z", "until": until });
        let own = responder
            .post(&format!("{path}/overrides"), &own)
            .await
            .expect(201)
            .json();
        let own = format!("{path}/overrides/{}", own["id"].as_str().unwrap());
        send(responder.request("DELETE", &own)).await.expect(204);
        send(responder.request("DELETE", &own)).await.expect(404);
        send(commander.request("DELETE", &path)).await.expect(204);
        responder.get(&path).await.expect(404);
    }
}
