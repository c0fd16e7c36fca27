//! The phrases that are looked for, separated by commas. A phrase matches whole
//! words; one that ends in `*` matches the beginning of a word.

/// What was tried changed nothing, or the trouble goes on.
pub(super) const FUTILE: &str = "\
    persist*, no effect, no improvement, no change, no better, not better, does not help, did \
    not help, doesnt help, didnt help, do not help, not help*, without effect, without success, \
    without result, unsuccessful*, no success, no result, worse*, down again, fails again, fail \
    again, recur*, reappear*, still broken, still down, still there, still slow, still high, \
    still see*, still not, still no, still happening, still going on, still fail*, still error*, \
    still unavailable, still affected, stay high, stays high, remain high, remains high, in \
    spite of, despite, not work*, does not work, did not work, doesnt work, didnt work, not come \
    back, not come up, not recover*, no luck, in vain, not fix*, not solve*, not resolve*, not \
    enough, insufficient, comes back, came back, is back, as before, stuck, nothing changes, \
    nothing changed, to no avail, nothing helps, does nothing, makes no difference, no \
    difference, keeps failing, keeps crashing, keep failing, keep crashing, continues to fail, \
    continue to fail, same error*, same symptom*, same problem, dead end, wrong track, red \
    herring, not the cause, rules out, ruled out, no cure, no relief, helps only, helped only, \
    only briefly, not for long, relapse*";

/// Something fails.
pub(super) const FAILS: &str = "\
    fail, fails, failed, failing, failure, failures, abort*, refuse*, reject*, crash*, hang, \
    hangs, hung, does not start, do not start, never come, missing, times out, timed out, time \
    out, timeouts, error*, no network, breaks, broken, too slow, slower than, overload*, by \
    mistake, wrong*, deadlock*, out of memory";

/// Something worked, or got better.
pub(super) const GOOD: &str = "\
    recover*, works, working again, succeed*, success*, restored, complete, completed, done, \
    finished, healthy, back online, online, back up, back to normal, stable, stabil*, improv*, \
    fixed, helped, helps, normal, caught up, resolved, well, good, fine, gone, cleared, falls, \
    fell, drops, dropped, down to";

/// What looks like success and is none.
pub(super) const NOT_GOOD: &str = "\
    not recover*, not complete*, not restored, not fixed, not stable, unstable, no improvement, \
    not improv*, without success, no success, briefly, for a short time, partly, partial*";

/// Somebody does not understand.
pub(super) const LOST: &str = "\
    confus*, unclear, not clear, without a clear, nobody knows, no one knows, not known, does \
    not know, do not know, dont know, unsure, not sure, no idea*, no clue, unknown why, cause \
    unknown, cause is unknown, unknown cause, reason unknown, not understood, do not understand, \
    dont understand, puzzl*, mystery, mysterious*, stumped, baffl*, unexplained, cannot explain, \
    cant explain, no obvious, not obvious, no explanation, no sense, out of ideas, inconclusive, \
    nothing found, finds nothing, found nothing, nothing suspicious, nothing unusual, no \
    culprit, cannot find, cant find, cannot reproduce, does not explain, odd, strange*, weird, \
    cause not found, nothing obvious, nothing stands out, no clear cause, cause remains unknown, \
    guess, guessing, speculat*, does not make sense, do not make sense, makes no sense, no \
    pattern, misdiagnos*, uncertain, at a loss, no clear line, why remains, nobody understands, \
    no one understands, not documented, documentation confusing, documentation is confusing";

/// Something is lacking: access, a person, an answer.
pub(super) const LACKING: &str = "\
    no access, lack* access, without access, locked out, permission* missing, missing \
    permission*, no permission*, cannot reach, cant reach, could not reach, cannot be reached, \
    not reachable, unreachable, cannot log in, cannot login, cant log in, cannot connect, no \
    answer, no reply, no response, nobody answers, nobody responds, does not answer, did not \
    answer, not answer*, not respond*, not online, not reached, waiting for the vendor, waiting \
    for support, waiting on support, waiting on the vendor, waiting for access, waiting for an \
    answer, waiting for a reply, waits for an answer, waits for a reply, waiting for approval, \
    nobody with access, not available, unavailable, credentials missing, asleep, on holiday, on \
    vacation, off duty, offline, no time of recovery, no estimate, no eta, none given, blocked, \
    nobody awake, nobody available, nobody there, nobody on call, nobody takes, nobody else, no \
    one available, no one is available, nobody is available, does not pick up, not picked up, \
    voicemail, no reaction, unanswered, without reply, without answer, without an answer, \
    awaiting, awaits an answer, awaits a reply, needs approval, needs access, no rights, not \
    allowed, permission denied, access denied, cannot ssh, cannot see, cannot deploy, cannot \
    roll back, cant deploy, no logs, no metrics, no console, no runbook, lost access, lack of \
    access, lacks access, tools are down, tooling is down, by the same outage";

/// What one needs to get in.
pub(super) const RIGHTS: &str = "\
    access, permission*, rights, credential*, password*, login, log in, sign in";

/// And does not have.
pub(super) const DENIED: &str = "\
    missing, denied, lack*, refused, expired, forgotten, nobody, no one, impossible, cannot, \
    cant";

/// Somebody only watches.
pub(super) const WATCHES: &str = "\
    keep watching, keeps watching, keep an eye, keep monitoring, continue to monitor, continues \
    to monitor, monitoring continues, monitor overnight, nothing to do but wait, nothing else to \
    do but wait, wait and see, let it run, left to run, left running, under observation, for \
    observation";

/// Something is said to be going on.
pub(super) const GOES_ON: &str = "\
    running, runs, started, starts, begun, begins, began, under way, underway, in progress, \
    progress, continues, continuing, going on, ongoing, so far, done so far, percent, still";

/// The room waits.
pub(super) const WAIT: &str = "\
    wait, waiting, waits, wait for, still running, in progress, under way, underway, ongoing, \
    continues to run, let it run, left to run, left running, observ*, keep an eye, watching, \
    monitoring continues, continue to monitor, continues to monitor, monitor overnight, \
    overnight, will take, takes hours, take hours, estimated, estimate, eta, expected to finish, \
    expected to complete";

/// What waits in a system, and not in the room.
pub(super) const NO_WAIT: &str = "\
    waiting for the vendor, waiting for support, waiting for access, wait time*, waiting time*, \
    io wait, iowait, thread*, request*, quer*, connection*, lock, locks, client*, worker*, \
    process*, transaction*, call, calls, job, jobs, observed, observes";

/// Work that takes hours by its nature.
pub(super) const LONG: &str = "\
    restore, restores, restoring, restoration, rebuild*, resync*, re sync*, replicat*, re \
    replicat*, reindex*, replay, replays, replaying, backfill*, back fill*, migrat*, copying, \
    transferring, download, downloads, downloading, importing, snapshot*, vacuum*, fsck, repair, \
    repairing, reprovision*, reprocess*, catching up, catch up, catches up, draining, backlog*, \
    gradual*, step by step, one by one, in batches, rolling restart*, warm up, warming, \
    rebalanc*, propagat*";

/// Once more.
pub(super) const AGAIN: &str = "\
    again and again, repeated*, several times, many times, once more, second attempt, third \
    attempt, second try, third try, another attempt, tried again, tries again, retried, as last \
    time";

/// It seems to be over.
pub(super) const OVER: &str = "\
    believed resolved, believed over, believed fixed, thought to be over, seems over, seems \
    fixed, seems resolved, looks resolved, looks fixed, appears resolved, alert stops, alerts \
    stop, alert clears, alerts clear, alert cleared, alerts cleared, normal work resumes, back \
    to normal, all fine, all well, all clear";
