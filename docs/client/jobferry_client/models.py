"""Made from docs/openapi.json by docs/generate/client.py. Do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AcknowledgeIn(TypedDict):
    """The confirmation that a restored backup was compared with Spectrum."""

    reason: str
    """What was compared, in 1 to 500 characters; the audit keeps it."""


class AliasChangeOut(TypedDict):
    """One record whose code or name an import changes."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    former_name: str | None
    """The name before. Null for a new alias."""
    former_code: str | None
    """The code before. Null for a new alias."""


AliasEnd: TypeAlias = Literal["replaced", "removed"]
"""How a code ended.
removed: The alias was removed.
replaced: Another code took its place.
"""


class AliasImportOut(TypedDict):
    """What an import did, or would do."""

    imported: bool
    """Whether anything was stored. False: this was a dry run."""
    added: list[AliasChangeOut]
    """New aliases."""
    changed: list[AliasChangeOut]
    """Aliases with another code or name than before."""
    unchanged: int
    """How many rows say what is stored already."""
    wrong: list[WrongCellOut]
    """Every error in the file. Only a dry run has entries here: an import with errors is refused as a whole."""


class AliasIn(TypedDict):
    """The Spectrum code of one record in ServiceTrade."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: NotRequired[str]
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""


AliasKind: TypeAlias = Literal["customer", "site", "contract", "item"]
"""What the record is on the work order. Customers are companies in ServiceTrade, sites are locations.
contract: A contract in ServiceTrade.
customer: A company in ServiceTrade.
item: A library item in ServiceTrade.
site: A location in ServiceTrade.
"""


class AliasOut(TypedDict):
    """The Spectrum code of one record in ServiceTrade, used instead of the record's external id."""

    id: str
    """Id of the alias, given by Jobferry."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    set_at: str
    """When this code was set."""
    set_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """


class AliasesIn(TypedDict):
    """Up to 500 aliases: all of them are set, or none. Use CSV for more."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    aliases: list[AliasIn]
    """The aliases to set. A record that has another code gets the new one."""


class AliasesSetOut(TypedDict):
    """What a request to set aliases did."""

    items: list[AliasOut]
    """The aliases of the request in their new state."""
    added: int
    """How many records got their first code."""
    changed: int
    """How many records had another code or name."""
    unchanged: int
    """How many had the same code and name already."""


AnnotationKind: TypeAlias = Literal["note", "marker", "document"]
"""What is written.
document: An attachment of the job, as a document of the work order.
marker: Which send wrote last, in a user-defined field.
note: The whole description, in a topic of the work order's notes.
"""


class AnnotationOut(TypedDict):
    """A note, a marker or a document that a send writes about the work order, after the items."""

    kind: AnnotationKind
    """What it is."""
    place: str
    """The note topic, the user-defined field, or the id of the attachment in ServiceTrade."""
    text: str
    """The text, or the document's name. With `names_send`, the end of the send's id follows it."""
    names_send: bool
    """Whether the last 8 characters of the send's id follow the text, which are known once there is a send."""
    appends: bool
    """Whether it is added to what is there. False: it replaces that."""
    due: bool
    """Whether this send writes it. False: it is there already, or cannot be written, as `findings` tells."""
    previous: str | None
    """The text that was written there last. Null: none."""
    changes: bool
    """Whether another text is written than the last one."""
    origin: OriginOut
    """Where the text comes from."""


AnnotationState: TypeAlias = Literal["planned", "sending", "written", "not_written", "unclear"]
"""How far it is.
not_written: Spectrum did not take it, and Jobferry does not try again for this send.
planned: Not written yet; nothing has reached Spectrum.
sending: Under way.
unclear: A text to be added, which is or is not in Spectrum: it is never added again by itself.
written: Spectrum accepted it.
"""


class AnnotationVerdictIn(TypedDict):
    """What somebody saw in Spectrum."""

    outcome: Literal["there", "not_there"]
    """`there`: it is in Spectrum, and is never added again. `not_there`: it is not, and the job's next send adds
    it.
    """
    reason: str
    """What the person saw in Spectrum; the audit keeps it."""


class AttemptOut(TypedDict):
    """One try of one step: what went out and what came back."""

    step: Step
    """The step that was tried."""
    started_at: str
    """When it began."""
    ended_at: str | None
    """When it ended. Null: it is under way, or its worker died."""
    outcome: str
    """What became of it: `accepted`, `refused`, `not_sent` (it cannot have reached the other system) or
    `unknown`.
    """
    detail: str
    """More about the outcome, in words. '' if there is nothing to say."""
    request: str
    """What was sent, secrets masked."""
    answer: str
    """What came back, secrets masked."""
    line_id: str | None
    """The cost line that it was about. Null for other steps than `lines`."""


class AuditOut(TypedDict):
    """One decision of a person, a key or Jobferry itself."""

    at: str
    """When it was done."""
    actor: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    actor_name: str
    """The person's name at that time. '' for programs."""
    action: str
    """What was done: the kind of record and a verb."""
    subject: str
    """Id of the record that it was done to."""
    detail: dict[str, str]
    """More about it, by name, as text. Never a secret."""


class BatchIn(TypedDict):
    """One send for each job: all are stored, or none."""

    job_ids: list[str]
    """ServiceTrade's ids of the jobs, each once."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    items: NotRequired[ItemsMode]
    """Which items of each job to post. Each job must then be completed before its send runs."""
    tasks: NotRequired[TasksMode]
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with
    items.
    """


class BatchOut(TypedDict):
    """The progress of many sends that were requested together."""

    id: str
    """Id of the batch, given by Jobferry."""
    total: int
    """How many sends it has."""
    settled: bool
    """Whether no send of it changes by itself any more."""
    states: dict[SendState, int]
    """How many of its sends are in each state. States without sends are left out."""


class CauseTallyOut(TypedDict):
    """How many jobs wait for one cause."""

    jobs: int
    """How many jobs wait: the number to show to people. A job with three failed sends is one job."""
    sends: int
    """How many sends of these jobs wait."""
    items: int
    """How many items may be in Spectrum or not."""
    code: str
    """Stable code for programs. The page /problems/CODE says what it means and what to do."""
    title: str
    """The cause in a few words for people."""
    waiting: Waiting
    """Who or what a job waits for. It follows from the state of its sends, never from the cause of a failure.

    A job with three failed sends is one job. A job whose sends wait for different things is counted in each
    group.
    """
    oldest: str | None
    """When the first of these sends was requested."""
    next_try: str | None
    """When Jobferry next tries one of them. Null: it does not by itself."""


Channel: TypeAlias = Literal["mail", "teams", "slack"]
"""How somebody is told. Teams and Slack take posts at an address that is a secret.
mail: E-mail.
slack: A channel of Slack.
teams: A channel of Microsoft Teams.
"""


CheckState: TypeAlias = Literal["ok", "failed", "unknown", "skipped"]
"""The result of one step of a test.
failed: It does not work.
ok: It works.
skipped: Not tested, because an earlier step failed or it does not apply.
unknown: It cannot be known yet.
"""


class CheckStepOut(TypedDict):
    """One step of a test."""

    name: str
    """What was tested, such as `dns`, `tls`, `connection`, `authorization`, `read_customers`, `read_items` or
    `permission`, or a service by its name.
    """
    state: CheckState
    """The result of one step of a test."""
    detail: str
    """The result in words."""
    code: str | None
    """Code of the failure. Null unless the step failed."""
    fix: list[str]
    """What to do if the step failed, step by step."""


class ChoiceOut(TypedDict):
    """What one choice of items would post now."""

    lines: int
    """How many lines."""
    amount: str
    """The sum of the costs in these lines, in the company's currency. What Spectrum takes from its inventory is
    not in it.
    """
    words: list[str]
    """Each line in words."""
    blocked: bool
    """Whether something blocks these lines."""


class CodeImportIn(TypedDict):
    """A file with a list of codes, and how it is read and taken."""

    kind: AliasKind
    """What the codes of the file are for."""
    content: str
    """The file's text."""
    whole: NotRequired[bool]
    """True: the file holds all codes of this kind that the company has. Codes of an earlier file that it lacks
    are removed, and for 48 hours jobs with a site or contract that it lacks are stopped. False: it only adds
    and changes codes.
    """
    dry_run: NotRequired[bool]
    """True: store nothing, and answer what would change. False: store what an earlier dry run showed."""
    fingerprint: NotRequired[str]
    """The `fingerprint` that the dry run answered. Needed to store: another file, or another choice of columns,
    is not taken.
    """
    columns: NotRequired[dict[str, str] | None]
    """The heading of the column for each thing that a file can tell. Left out or null: columns are found by
    their headings.
    """


class CodeImportOut(TypedDict):
    """What an import changes, or has changed."""

    imported: bool
    """Whether it is stored. False: this is what would change."""
    added: int
    """How many codes are new."""
    changed: int
    """How many codes have another name, address or status."""
    removed: int
    """How many codes of an earlier file are removed, because this file is the whole list and lacks them."""
    counts_as_whole: bool
    """Whether a site or contract that the list lacks then stops jobs, for 48 hours."""
    accepted: int
    """Only of a dry run of the whole list: how many codes Spectrum accepted although the file lacks them. They
    stay. If there are any, the file may not hold all codes.
    """
    first_accepted: list[str]
    """The first 20 of these codes."""
    stopped: int
    """Only of a dry run: how many aliases and external ids have a code that would be inactive or, if the file
    holds the whole list, not listed. Jobs with these codes would be stopped.
    """
    first_stopped: list[str]
    """The first 20 of these codes."""
    unchanged: int
    """How many codes stay as they are, also because Spectrum's own list tells them."""
    wrong_rows: int
    """How many rows cannot be read. They are left out, and nothing is removed then."""
    wrong: list[WrongRowOut]
    """The first 1,000 of them, or why the file is not taken at all."""
    encoding: str
    """The file's character set, as it was found out."""
    separator: str
    """What separates its columns, as it was found out."""
    header: list[str]
    """The headings of its columns."""
    columns: dict[str, str]
    """Which column is read for what."""
    fingerprint: str
    """Give it with the same file to store the import. '' if the file is not taken."""


class CodeIn(TypedDict):
    """The Spectrum code of a customer, site, contract or library item."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: NotRequired[str]
    """The record's name, only for people who read the audit."""
    code: str
    """The record's code in Spectrum. It is stored in capital letters."""


class CodeListOut(TypedDict):
    """What is known of one list of a connection's Spectrum company."""

    kind: AliasKind
    """What the codes of the list are for."""
    rows: int
    """How many codes are listed, wherever they are from."""
    read_at: str | None
    """When the list was last read or imported. Null: never."""
    complete: bool
    """Whether every code was read or imported, also the inactive ones. Only such a list shows, for 48 hours,
    that a code does not exist.
    """
    trouble: ListTrouble | None
    """Why the last attempt did not read the whole list. Null: it did."""
    detail: str
    """The trouble, or where the codes are from, in a sentence. '' if there is nothing to say."""
    tried_at: str | None
    """When the last attempt ended. Null: there was none."""
    reading_since: str | None
    """Since when it is being read, or waits for that. Null: it is not."""
    rows_so_far: int
    """How many rows the present reading has brought."""


class CodeListsOut(TypedDict):
    """The lists of a connection, one for each kind of code."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    lists: list[CodeListOut]
    """What is known of each list."""


CodeSource: TypeAlias = Literal["alias", "servicetrade"]
"""Where a stored code is from. An alias exists here only; the other is a copy of an external id, as it was
when
Jobferry last read or wrote it in ServiceTrade. A copy is only shown and suggested: sends read
ServiceTrade.
alias: Kept here only.
servicetrade: An external id in ServiceTrade.
"""


class CompleteIn(TypedDict):
    """Where to send the job once it is completed in ServiceTrade, and with which items."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    items: NotRequired[ItemsMode]
    """Which items of the job to post."""
    tasks: NotRequired[TasksMode]
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with
    items.
    """
    adopt: NotRequired[bool]
    """Continue with the number that the job already has, although another job or system is known to use it."""
    plan_hash: NotRequired[str | None]
    """The `plan_hash` of a preview with `completing`: if anything has changed since, nothing is done, and the
    answer is 409 with the new plan. Null: send what is right when it is sent.
    """


class CompletedSinceOut(TypedDict):
    """A job that was completed or changed after the backup was made."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    completed_on: str | None
    """When it was completed. Null: ServiceTrade does not say."""
    work_order_number: str | None
    """Spectrum's number of its work order. Null: none is known."""
    items_known: bool
    """Whether Jobferry knows a line of this job that is, or may be, in Spectrum."""


class ConfirmIn(TypedDict):
    """Up to 500 pairs, each for itself."""

    place: NotRequired[Target]
    """Where the codes go. Left out: into ServiceTrade."""
    pairs: list[ConfirmedIn]
    """The records with their codes. Each record stands here once."""


class ConfirmedIn(TypedDict):
    """A record and the code that a person confirms for it."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    code: str
    """Its code in Spectrum: one of the suggestions, or another that is listed."""
    version: int
    """The record's version as it was shown."""


class ConfirmedOut(TypedDict):
    """What became of each pair, in the order of the request."""

    accepted: int
    """How many are confirmed by this request. A worker checks each once more, and then sets it."""
    pairs: list[PairOut]
    """Each pair with its outcome."""


class ConnectionIn(TypedDict):
    """A new connection: one Spectrum company that the tenant sends to."""

    name: str
    """Name. What the office reads in the Send menu: Send Job to NAME. Allowed: give a name of 1 to 80
    characters.
    """
    external_system: str
    """External system in ServiceTrade. The name under which ServiceTrade keeps this Spectrum's codes and
    numbers, as its external ids show it. Allowed: a lower-case letter first, then letters, digits and
    underscores, as set up in ServiceTrade.
    """
    endpoint_url: str
    """Web Services URL. Where Spectrum's web services answer, such as https://spectrum.example.com:8482/ws. Your
    Spectrum administrator knows it. If you change it, Jobferry takes it for another name of the same
    Spectrum; add a connection for a different one.
    """
    company_code: str
    """Company code. 1 to 3 letters or digits, as in Spectrum's own company list. Allowed: 1 to 3 letters or
    digits.
    """
    ca_certificate: NotRequired[str | None]
    """Certificate authority. Only for a Spectrum server with a private certificate: the authority's certificate
    in PEM form. Allowed: one or more certificates in PEM form.
    """
    maintenance_windows: NotRequired[list[str]]
    """Maintenance windows. When this Spectrum restarts or is backed up. Jobferry does not call it then; sends
    wait and continue by themselves afterwards. Such as daily 02:00-04:30 America/Chicago, or Sat,Sun
    22:00-01:00 America/Chicago. Allowed: days, times and a time zone, such as daily 02:00-04:30
    America/Chicago; some time outside all of them.
    """
    secret_rotation: NotRequired[SecretRotation]
    """Who renews the client secret. Jobferry can, if Spectrum's administrator allowed the client to rotate its
    own secret. `manual`: A person; `automatic`: Jobferry, before it ends.
    """
    secret_days: NotRequired[int | None]
    """How long a client secret lives. 7 to 120 days, as set in Spectrum. Empty: not known. Allowed: 7 to 120
    days.
    """
    leading_character: NotRequired[str]
    """Leading character. One letter or digit before the job number: job 104482 with T becomes work order
    T104482. Empty: none. Allowed: exactly one letter or digit, or empty.
    """
    default_work_order_type: NotRequired[str]
    """Default Work Order Type Code. For sites without a type of their own. Empty if Spectrum has a default
    division for site work orders. Allowed: at most 5 characters.
    """
    lead_source: NotRequired[str]
    """Lead source. Only if this Spectrum asks for one on each work order. Allowed: at most 15 characters."""
    long_text: NotRequired[LongText]
    """Text that is too long for its field. `cut`: Cut it, with a warning; `refuse`: Stop the send."""
    overwrite: NotRequired[Overwrite]
    """What sending again writes. `all`: Every field, replacing edits made in Spectrum; `changed_fields`: Only
    what changed.
    """
    on_completion: NotRequired[OnCompletion]
    """When a job is completed in ServiceTrade. `off`: Nothing happens; `send`: It is sent; `send_with_items`: It
    is sent with its items.
    """
    completion_start_date: NotRequired[str | None]
    """Only jobs completed since. A day, such as 2026-03-01, or a moment with its time zone. Empty: since this is
    switched on. Allowed: a moment with its time zone.
    """
    items_on_resend: NotRequired[ItemsMode]
    """Items of a job that is sent again. `new_only`: Only what was not posted yet; `difference`: The difference
    to what was posted; `again`: Post everything again (creates duplicates). Allowed: new_only, difference or
    again.
    """
    default_warehouse: NotRequired[str]
    """Default warehouse. Spectrum's code of the warehouse that stock items are taken from. Empty: none is sent.
    Allowed: at most 10 characters.
    """
    non_stock_fallback: NotRequired[NonStock]
    """Materials sent as non-stock items. `off`: None; `without_code`: Those without a code; `all`: All."""
    item_kinds: NotRequired[dict[str, ItemKind]]
    """What items of a type become. `material`: Material cost; `other_charge`: Other charge; `skip`: Leave it
    out.
    """
    send_tasks: NotRequired[SendTasks]
    """Services as work order tasks. Needs the service AddWOTask at the Authorization ID. Spectrum can only add
    tasks: Jobferry cannot change or remove one later. `off`: Never; `with_items`: Together with the items of
    a completed job.
    """
    task_codes: NotRequired[dict[str, str]]
    """Tasks for services. One on each line: a service's description or its service line, an equals sign, and
    Spectrum's task code, such as Sprinkler = INSP. A description comes before a service line. Services
    without a line here are left out. Allowed: each service once, with a task code of 1 to 15 characters; at
    most 200 services.
    """
    note_topic: NotRequired[str]
    """Note topic for long descriptions. A topic of work order notes in Spectrum, which must exist there. A job
    description of more than 250 characters then goes whole into this note, up to 1,000 characters. Empty: it
    is cut. Allowed: at most 20 characters, as the topic is named in Spectrum.
    """
    note_mode: NotRequired[NoteMode]
    """What happens to the text of that note. `replace`: Jobferry replaces it: use the topic for nothing else;
    `append`: Jobferry adds each changed description at its end.
    """
    marker_field: NotRequired[str]
    """User-defined field that shows the send. UDF1 to UDF20. Jobferry writes the job's number and the end of the
    send's id into this field of the work order, for those who look at Spectrum. The field must be mapped at
    the Authorization ID. Empty: none. Allowed: UDF1 to UDF20, or empty.
    """
    send_paperwork: NotRequired[bool]
    """Send the job's paperwork. Attachments of a completed job are added to the work order in Spectrum as
    documents, each of them once.
    """
    create_sites: NotRequired[bool]
    """Sites may be created in Spectrum. From a location in ServiceTrade, with the service AddWOSiteAddress,
    after somebody has confirmed every field. A send never does that by itself.
    """
    create_customers: NotRequired[bool]
    """Customers may be created or changed in Spectrum. From a company in ServiceTrade, with the services
    AddCustomer and UpdateCustomer. The second one is new in Spectrum 2025 R2. Somebody confirms every field
    of each; a send never does that by itself.
    """
    new_site_code: NotRequired[NewCode]
    """Proposed code of a new site. `name`: The letters and digits of its name; `number`: The next number after
    the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_code: NotRequired[NewCode]
    """Proposed code of a new customer. `name`: The letters and digits of its name; `number`: The next number
    after the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_terms: NotRequired[str]
    """Terms code of a new customer. Spectrum requires one. It is proposed in the preview of every new customer.
    Allowed: at most 1 character.
    """
    new_customer_tax_code: NotRequired[str]
    """Sales tax code of a new customer. Spectrum requires one. It is proposed in the preview of every new
    customer. Allowed: at most 15 characters.
    """
    unlisted_codes: NotRequired[UnlistedCodes]
    """Codes that Spectrum's list does not have. Only a list that is whole and not older than two days stops
    anything. Choose to be warned if Spectrum accepts codes that its lists do not show, for example because
    the Authorization ID sees only a part of them. `stop`: Stop the send before Spectrum is asked; `warn`:
    Only warn, and let Spectrum decide.
    """
    failure_tag: NotRequired[str | None]
    """Tag on a job whose send failed. Removed when a later send succeeds. Empty: none."""
    external_sync: NotRequired[ExternalSyncModelInput | None]
    """ExternalSync. Only if ServiceTrade told you to post outcomes there."""
    plugins: NotRequired[list[PluginModelInput]]
    """Plugins. Its plugins in the order of their calls."""
    check: NotRequired[bool]
    """Test address and secrets before anything is stored. False stores them untested."""
    slug: str
    """Short name for addresses and programs: lower-case letters, digits and hyphens. It cannot be changed later."""
    authorization_id: str
    """Authorization ID that Spectrum's administrator made for Jobferry. Stored encrypted and never shown again."""
    enhanced_auth: NotRequired[EnhancedAuthIn | None]
    """Client id and secret, if this Spectrum uses Enhanced Authentication. Null: it does not."""


class ConnectionOut(TypedDict):
    """A Spectrum company that the tenant sends to: its settings and its state, without its secrets."""

    name: str
    """Name. What the office reads in the Send menu: Send Job to NAME. Allowed: give a name of 1 to 80
    characters.
    """
    external_system: str
    """External system in ServiceTrade. The name under which ServiceTrade keeps this Spectrum's codes and
    numbers, as its external ids show it. Allowed: a lower-case letter first, then letters, digits and
    underscores, as set up in ServiceTrade.
    """
    endpoint_url: str
    """Web Services URL. Where Spectrum's web services answer, such as https://spectrum.example.com:8482/ws. Your
    Spectrum administrator knows it. If you change it, Jobferry takes it for another name of the same
    Spectrum; add a connection for a different one.
    """
    company_code: str
    """Company code. 1 to 3 letters or digits, as in Spectrum's own company list. Allowed: 1 to 3 letters or
    digits.
    """
    ca_certificate: str | None
    """Certificate authority. Only for a Spectrum server with a private certificate: the authority's certificate
    in PEM form. Allowed: one or more certificates in PEM form.
    """
    maintenance_windows: list[str]
    """Maintenance windows. When this Spectrum restarts or is backed up. Jobferry does not call it then; sends
    wait and continue by themselves afterwards. Such as daily 02:00-04:30 America/Chicago, or Sat,Sun
    22:00-01:00 America/Chicago. Allowed: days, times and a time zone, such as daily 02:00-04:30
    America/Chicago; some time outside all of them.
    """
    client_secret_expires_at: str | None
    """The client secret ends on. A day, such as 2026-12-01. Home warns of it 14 days before."""
    secret_rotation: SecretRotation
    """Who renews the client secret. Jobferry can, if Spectrum's administrator allowed the client to rotate its
    own secret. `manual`: A person; `automatic`: Jobferry, before it ends.
    """
    secret_days: int | None
    """How long a client secret lives. 7 to 120 days, as set in Spectrum. Empty: not known. Allowed: 7 to 120
    days.
    """
    leading_character: str
    """Leading character. One letter or digit before the job number: job 104482 with T becomes work order
    T104482. Empty: none. Allowed: exactly one letter or digit, or empty.
    """
    default_work_order_type: str
    """Default Work Order Type Code. For sites without a type of their own. Empty if Spectrum has a default
    division for site work orders. Allowed: at most 5 characters.
    """
    lead_source: str
    """Lead source. Only if this Spectrum asks for one on each work order. Allowed: at most 15 characters."""
    long_text: LongText
    """Text that is too long for its field. `cut`: Cut it, with a warning; `refuse`: Stop the send."""
    overwrite: Overwrite
    """What sending again writes. `all`: Every field, replacing edits made in Spectrum; `changed_fields`: Only
    what changed.
    """
    on_completion: OnCompletion
    """When a job is completed in ServiceTrade. `off`: Nothing happens; `send`: It is sent; `send_with_items`: It
    is sent with its items.
    """
    completion_start_date: str | None
    """Only jobs completed since. A day, such as 2026-03-01, or a moment with its time zone. Empty: since this is
    switched on. Allowed: a moment with its time zone.
    """
    items_on_resend: ItemsMode
    """Items of a job that is sent again. `new_only`: Only what was not posted yet; `difference`: The difference
    to what was posted; `again`: Post everything again (creates duplicates). Allowed: new_only, difference or
    again.
    """
    default_warehouse: str
    """Default warehouse. Spectrum's code of the warehouse that stock items are taken from. Empty: none is sent.
    Allowed: at most 10 characters.
    """
    non_stock_fallback: NonStock
    """Materials sent as non-stock items. `off`: None; `without_code`: Those without a code; `all`: All."""
    item_kinds: dict[str, ItemKind]
    """What items of a type become. `material`: Material cost; `other_charge`: Other charge; `skip`: Leave it
    out.
    """
    send_tasks: SendTasks
    """Services as work order tasks. Needs the service AddWOTask at the Authorization ID. Spectrum can only add
    tasks: Jobferry cannot change or remove one later. `off`: Never; `with_items`: Together with the items of
    a completed job.
    """
    task_codes: dict[str, str]
    """Tasks for services. One on each line: a service's description or its service line, an equals sign, and
    Spectrum's task code, such as Sprinkler = INSP. A description comes before a service line. Services
    without a line here are left out. Allowed: each service once, with a task code of 1 to 15 characters; at
    most 200 services.
    """
    note_topic: str
    """Note topic for long descriptions. A topic of work order notes in Spectrum, which must exist there. A job
    description of more than 250 characters then goes whole into this note, up to 1,000 characters. Empty: it
    is cut. Allowed: at most 20 characters, as the topic is named in Spectrum.
    """
    note_mode: NoteMode
    """What happens to the text of that note. `replace`: Jobferry replaces it: use the topic for nothing else;
    `append`: Jobferry adds each changed description at its end.
    """
    marker_field: str
    """User-defined field that shows the send. UDF1 to UDF20. Jobferry writes the job's number and the end of the
    send's id into this field of the work order, for those who look at Spectrum. The field must be mapped at
    the Authorization ID. Empty: none. Allowed: UDF1 to UDF20, or empty.
    """
    send_paperwork: bool
    """Send the job's paperwork. Attachments of a completed job are added to the work order in Spectrum as
    documents, each of them once.
    """
    create_sites: bool
    """Sites may be created in Spectrum. From a location in ServiceTrade, with the service AddWOSiteAddress,
    after somebody has confirmed every field. A send never does that by itself.
    """
    create_customers: bool
    """Customers may be created or changed in Spectrum. From a company in ServiceTrade, with the services
    AddCustomer and UpdateCustomer. The second one is new in Spectrum 2025 R2. Somebody confirms every field
    of each; a send never does that by itself.
    """
    new_site_code: NewCode
    """Proposed code of a new site. `name`: The letters and digits of its name; `number`: The next number after
    the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_code: NewCode
    """Proposed code of a new customer. `name`: The letters and digits of its name; `number`: The next number
    after the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_terms: str
    """Terms code of a new customer. Spectrum requires one. It is proposed in the preview of every new customer.
    Allowed: at most 1 character.
    """
    new_customer_tax_code: str
    """Sales tax code of a new customer. Spectrum requires one. It is proposed in the preview of every new
    customer. Allowed: at most 15 characters.
    """
    unlisted_codes: UnlistedCodes
    """Codes that Spectrum's list does not have. Only a list that is whole and not older than two days stops
    anything. Choose to be warned if Spectrum accepts codes that its lists do not show, for example because
    the Authorization ID sees only a part of them. `stop`: Stop the send before Spectrum is asked; `warn`:
    Only warn, and let Spectrum decide.
    """
    failure_tag: str | None
    """Tag on a job whose send failed. Removed when a later send succeeds. Empty: none."""
    external_sync: ExternalSyncModelOutput | None
    """ExternalSync. Only if ServiceTrade told you to post outcomes there."""
    plugins: list[PluginModelOutput]
    """Plugins. Its plugins in the order of their calls."""
    id: str
    """Id of the connection, given by Jobferry. Calls name it by its `slug`."""
    slug: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    state: ConnectionState
    """Working means proven: Spectrum has accepted a write with the present address, company and secrets."""
    proven: bool
    """Whether Spectrum has accepted a write with the present address, company and secrets."""
    last_write_at: str | None
    """When Spectrum last accepted a write with them. Null: never."""
    last_test: ConnectionTestOut | None
    """The result of the last test. Null before the first one."""
    enhanced_auth: bool
    """Whether a client id and secret are stored."""
    former_endpoint_urls: list[str]
    """Addresses that it had before. What was posted there counts as posted to the same Spectrum."""
    paused: bool
    """Whether somebody has paused it: its sends wait."""
    hold: HoldOut | None
    """Why it waits although it is not paused. Null: it does not wait."""
    warnings: list[FindingOut] | None
    """What to know about its settings, such as another connection to the same company. They stop nothing. Null
    where they were not looked for.
    """
    items_hold: ItemsHoldOut | None
    """Why it posts no items, while work orders go on. Null: items are posted."""
    restored_at: str | None
    """When somebody last acknowledged a restored backup. Null: never."""


class ConnectionPatch(TypedDict):
    """A merge patch: what is not named stays, null goes back to the default. Secrets are replaced, never shown."""

    name: NotRequired[str | None]
    """Name. What the office reads in the Send menu: Send Job to NAME. Allowed: give a name of 1 to 80
    characters.
    """
    external_system: NotRequired[str | None]
    """External system in ServiceTrade. The name under which ServiceTrade keeps this Spectrum's codes and
    numbers, as its external ids show it. Allowed: a lower-case letter first, then letters, digits and
    underscores, as set up in ServiceTrade.
    """
    endpoint_url: NotRequired[str | None]
    """Web Services URL. Where Spectrum's web services answer, such as https://spectrum.example.com:8482/ws. Your
    Spectrum administrator knows it. If you change it, Jobferry takes it for another name of the same
    Spectrum; add a connection for a different one.
    """
    company_code: NotRequired[str | None]
    """Company code. 1 to 3 letters or digits, as in Spectrum's own company list. Allowed: 1 to 3 letters or
    digits.
    """
    ca_certificate: NotRequired[str | None]
    """Certificate authority. Only for a Spectrum server with a private certificate: the authority's certificate
    in PEM form. Allowed: one or more certificates in PEM form.
    """
    maintenance_windows: NotRequired[list[str] | None]
    """Maintenance windows. When this Spectrum restarts or is backed up. Jobferry does not call it then; sends
    wait and continue by themselves afterwards. Such as daily 02:00-04:30 America/Chicago, or Sat,Sun
    22:00-01:00 America/Chicago. Allowed: days, times and a time zone, such as daily 02:00-04:30
    America/Chicago; some time outside all of them.
    """
    client_secret_expires_at: NotRequired[str | None]
    """The client secret ends on. A day, such as 2026-12-01. Home warns of it 14 days before."""
    secret_rotation: NotRequired[SecretRotation | None]
    """Who renews the client secret. Jobferry can, if Spectrum's administrator allowed the client to rotate its
    own secret. `manual`: A person; `automatic`: Jobferry, before it ends.
    """
    secret_days: NotRequired[int | None]
    """How long a client secret lives. 7 to 120 days, as set in Spectrum. Empty: not known. Allowed: 7 to 120
    days.
    """
    leading_character: NotRequired[str | None]
    """Leading character. One letter or digit before the job number: job 104482 with T becomes work order
    T104482. Empty: none. Allowed: exactly one letter or digit, or empty.
    """
    default_work_order_type: NotRequired[str | None]
    """Default Work Order Type Code. For sites without a type of their own. Empty if Spectrum has a default
    division for site work orders. Allowed: at most 5 characters.
    """
    lead_source: NotRequired[str | None]
    """Lead source. Only if this Spectrum asks for one on each work order. Allowed: at most 15 characters."""
    long_text: NotRequired[LongText | None]
    """Text that is too long for its field. `cut`: Cut it, with a warning; `refuse`: Stop the send."""
    overwrite: NotRequired[Overwrite | None]
    """What sending again writes. `all`: Every field, replacing edits made in Spectrum; `changed_fields`: Only
    what changed.
    """
    on_completion: NotRequired[OnCompletion | None]
    """When a job is completed in ServiceTrade. `off`: Nothing happens; `send`: It is sent; `send_with_items`: It
    is sent with its items.
    """
    completion_start_date: NotRequired[str | None]
    """Only jobs completed since. A day, such as 2026-03-01, or a moment with its time zone. Empty: since this is
    switched on. Allowed: a moment with its time zone.
    """
    items_on_resend: NotRequired[ItemsMode | None]
    """Items of a job that is sent again. `new_only`: Only what was not posted yet; `difference`: The difference
    to what was posted; `again`: Post everything again (creates duplicates). Allowed: new_only, difference or
    again.
    """
    default_warehouse: NotRequired[str | None]
    """Default warehouse. Spectrum's code of the warehouse that stock items are taken from. Empty: none is sent.
    Allowed: at most 10 characters.
    """
    non_stock_fallback: NotRequired[NonStock | None]
    """Materials sent as non-stock items. `off`: None; `without_code`: Those without a code; `all`: All."""
    item_kinds: NotRequired[dict[str, ItemKind] | None]
    """What items of a type become. `material`: Material cost; `other_charge`: Other charge; `skip`: Leave it
    out.
    """
    send_tasks: NotRequired[SendTasks | None]
    """Services as work order tasks. Needs the service AddWOTask at the Authorization ID. Spectrum can only add
    tasks: Jobferry cannot change or remove one later. `off`: Never; `with_items`: Together with the items of
    a completed job.
    """
    task_codes: NotRequired[dict[str, str] | None]
    """Tasks for services. One on each line: a service's description or its service line, an equals sign, and
    Spectrum's task code, such as Sprinkler = INSP. A description comes before a service line. Services
    without a line here are left out. Allowed: each service once, with a task code of 1 to 15 characters; at
    most 200 services.
    """
    note_topic: NotRequired[str | None]
    """Note topic for long descriptions. A topic of work order notes in Spectrum, which must exist there. A job
    description of more than 250 characters then goes whole into this note, up to 1,000 characters. Empty: it
    is cut. Allowed: at most 20 characters, as the topic is named in Spectrum.
    """
    note_mode: NotRequired[NoteMode | None]
    """What happens to the text of that note. `replace`: Jobferry replaces it: use the topic for nothing else;
    `append`: Jobferry adds each changed description at its end.
    """
    marker_field: NotRequired[str | None]
    """User-defined field that shows the send. UDF1 to UDF20. Jobferry writes the job's number and the end of the
    send's id into this field of the work order, for those who look at Spectrum. The field must be mapped at
    the Authorization ID. Empty: none. Allowed: UDF1 to UDF20, or empty.
    """
    send_paperwork: NotRequired[bool | None]
    """Send the job's paperwork. Attachments of a completed job are added to the work order in Spectrum as
    documents, each of them once.
    """
    create_sites: NotRequired[bool | None]
    """Sites may be created in Spectrum. From a location in ServiceTrade, with the service AddWOSiteAddress,
    after somebody has confirmed every field. A send never does that by itself.
    """
    create_customers: NotRequired[bool | None]
    """Customers may be created or changed in Spectrum. From a company in ServiceTrade, with the services
    AddCustomer and UpdateCustomer. The second one is new in Spectrum 2025 R2. Somebody confirms every field
    of each; a send never does that by itself.
    """
    new_site_code: NotRequired[NewCode | None]
    """Proposed code of a new site. `name`: The letters and digits of its name; `number`: The next number after
    the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_code: NotRequired[NewCode | None]
    """Proposed code of a new customer. `name`: The letters and digits of its name; `number`: The next number
    after the highest that is known here; `none`: Nothing: it is typed.
    """
    new_customer_terms: NotRequired[str | None]
    """Terms code of a new customer. Spectrum requires one. It is proposed in the preview of every new customer.
    Allowed: at most 1 character.
    """
    new_customer_tax_code: NotRequired[str | None]
    """Sales tax code of a new customer. Spectrum requires one. It is proposed in the preview of every new
    customer. Allowed: at most 15 characters.
    """
    unlisted_codes: NotRequired[UnlistedCodes | None]
    """Codes that Spectrum's list does not have. Only a list that is whole and not older than two days stops
    anything. Choose to be warned if Spectrum accepts codes that its lists do not show, for example because
    the Authorization ID sees only a part of them. `stop`: Stop the send before Spectrum is asked; `warn`:
    Only warn, and let Spectrum decide.
    """
    failure_tag: NotRequired[str | None]
    """Tag on a job whose send failed. Removed when a later send succeeds. Empty: none."""
    external_sync: NotRequired[ExternalSyncModelInput | None]
    """ExternalSync. Only if ServiceTrade told you to post outcomes there."""
    plugins: NotRequired[list[PluginModelInput] | None]
    """Plugins. Its plugins in the order of their calls."""
    check: NotRequired[bool]
    """Test a new address or new secrets before they are stored. False stores them untested."""
    authorization_id: NotRequired[str | None]
    """A new Authorization ID. Left out: the stored one stays."""
    enhanced_auth: NotRequired[EnhancedAuthIn | None]
    """A new client id and secret. Null: the connection uses no Enhanced Authentication any more. Left out: no
    change.
    """


ConnectionState: TypeAlias = Literal["not_proven", "working", "no_items", "waiting", "held", "paused"]
"""Working means proven: Spectrum has accepted a write with the present address, company and secrets.
held: A person has to fix the cause and resume it..
no_items: Work orders are sent, but items and all else that adds to Spectrum wait (`items_hold`).
not_proven: Spectrum has not accepted a write yet, or not since address, company or secrets changed.
paused: Somebody has paused it.
waiting: Jobferry tries again by itself..
working: Spectrum has accepted a write.
"""


class ConnectionTally(TypedDict):
    """How the jobs of one connection stand."""

    connection: str
    """Short name of the connection. Empty: jobs that were never sent, and nothing says where they belong."""
    jobs: int
    """How many jobs it sent, or should have."""
    accounted: int
    """How many of them have no difference here."""
    differs: int
    """How many of them have a difference here."""
    uncompared: int
    """How many of them could not be compared whole."""
    kinds: dict[str, int]
    """How many of them have each kind of difference. A job with several kinds counts in each."""
    sums: SumsOut
    """Net figures of these jobs, added up."""


class ConnectionTestOut(TypedDict):
    """The result of the last test of a connection."""

    at: str
    """When it was tested."""
    by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    ok: bool
    """Whether no step failed."""
    stale: bool
    """Whether address, company or secrets have changed since: then it says nothing about the present ones."""
    steps: list[CheckStepOut]
    """The steps in their order."""


class CountsOut(TypedDict):
    """How much waits, counted as on every page of the console."""

    needs_attention: int
    """The number in the title of the start page: jobs and new records that wait for a person, notes and
    documents to check, held connections, and notices.
    """
    jobs_for_people: int
    """How many jobs wait for a person."""
    new_records: int
    """How many new sites and customers for Spectrum wait for a person."""
    unclear_annotations: int
    """How many notes and documents somebody has to look for in Spectrum."""
    held_connections: int
    """How many connections a person has to resume."""
    notices: int
    """How many other things need attention, such as a client secret that ends soon."""
    waiting: dict[Waiting, TallyOut]
    """How many jobs wait, by what they wait for."""
    causes: list[CauseTallyOut]
    """How many jobs wait, by cause; the most frequent cause first."""


class CreationIn(TypedDict):
    """A confirmed record: exactly these values are sent, once."""

    kind: CreationKind
    """`site`: a new site from a location. `customer`: a new customer from a company. `customer_change`: new
    values for the customer that a company has already.
    """
    record_id: str
    """ServiceTrade's id of the location, or of the company for a customer: digits, as text."""
    fields: dict[str, str]
    """Values by the names of Spectrum's fields, such as `Site_Name`. '' leaves a field empty. None is cut: one
    that is too long is an error.
    """
    keep: NotRequired[CodeSource]
    """Where the code is kept once the record is there. `alias`: in Jobferry. `servicetrade`: as the external id
    of ServiceTrade's record.
    """
    send_again: NotRequired[bool]
    """Whether the failed sends that need nothing but this code are then sent again."""


CreationKind: TypeAlias = Literal["site", "customer", "customer_change"]
"""What is written.
customer: A new customer from a company.
customer_change: New values for an existing customer, from a company.
site: A new site from a location.
"""


class CreationOut(TypedDict):
    """A record that is to be, may be, or is made in Spectrum."""

    id: str
    """Id of the creation, given by Jobferry."""
    kind: CreationKind
    """`site`: a new site from a location. `customer`: a new customer from a company. `customer_change`: new
    values for the customer that a company has already.
    """
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    record_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    record_name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    fields: dict[str, str]
    """What is or was sent, by the names of Spectrum's fields."""
    state: CreationState
    """How far it is."""
    needs_person: bool
    """Whether it waits for somebody: in doubt, or with a code that could not be kept."""
    findings: list[FindingOut]
    """What is wrong, and what to do."""
    keep: CodeSource
    """Where the code is kept once the record is there."""
    code_kept_at: str | None
    """When the code was stored for ServiceTrade's record. Null: not yet."""
    batch_id: str | None
    """The batch of the sends that were sent again with this code. Null: none were."""
    requested_by: str
    """Who confirmed it."""
    requested_at: str
    """When it was confirmed."""
    sent_at: str | None
    """When Spectrum was called. Null: it was not."""
    quiet_until: str | None
    """Before this moment nobody can say that it is not there, because Spectrum may still make it. Null: no
    limit.
    """
    outcome: str
    """What became of the call, in short. '' without an answer."""
    request: str
    """What was sent, secrets masked. '' if there was no answer."""
    answer: str
    """What came back, secrets masked. '' if nothing did."""
    where_to_look: str
    """Where in Spectrum to look."""
    settled_by: str | None
    """Who said what is in Spectrum. Null: nobody did."""
    settled_reason: str | None
    """What that person saw. Null: nobody said."""


class CreationPreviewIn(TypedDict):
    """Which record is to be created, and what is to be changed in the proposal."""

    kind: CreationKind
    """`site`: a new site from a location. `customer`: a new customer from a company. `customer_change`: new
    values for the customer that a company has already.
    """
    record_id: str
    """ServiceTrade's id of the location, or of the company for a customer: digits, as text."""
    fields: NotRequired[dict[str, str]]
    """Values by the names of Spectrum's fields, such as `Site_Name`. '' leaves a field empty. None is cut: one
    that is too long is an error.
    """


class CreationPreviewOut(TypedDict):
    """What would be sent to make a record in Spectrum. Nothing was written."""

    kind: CreationKind
    """`site`: a new site from a location. `customer`: a new customer from a company. `customer_change`: new
    values for the customer that a company has already.
    """
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    service: str
    """The web service of Spectrum."""
    record_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    record_name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    fields: list[PreviewFieldOut]
    """Every field of the service, in the order of the request."""
    findings: list[FindingOut]
    """What speaks against it, and what to know."""
    possible: bool
    """Whether it can be confirmed as it is."""
    fingerprint: str
    """Another one as soon as the connection, its company or a value is another one. The command confirms with
    it.
    """
    open_creation: str | None
    """Another creation of the same record that has not ended. Null: there is none."""


CreationState: TypeAlias = Literal["queued", "sending", "created", "rejected", "in_doubt", "not_created", "cancelled"]
"""How far it is.
cancelled: A person gave it up: nothing of it is in Spectrum.
created: The record is in Spectrum.
in_doubt: Nobody knows whether Spectrum made it: a person has to look there.
not_created: A person looked in Spectrum: it is not there.
queued: Confirmed; nothing was sent yet.
rejected: Nothing was made: Spectrum refused it, or it was stopped before the call.
sending: The call to Spectrum is under way.
"""


class CreationVerdictIn(TypedDict):
    """What somebody saw in Spectrum."""

    there: bool
    """True: the record with this code is there, and is this one. False: it is not there."""
    reason: str
    """What the person saw in Spectrum; the audit keeps it."""


class DeliveryOut(TypedDict):
    """One event for one endpoint, and what became of it."""

    event_id: str
    """Id of the event: the `webhook-id` of every try."""
    event: EventType
    """Which event it is."""
    state: DeliveryState
    """What became of it."""
    status: int | None
    """HTTP status of the receiver's last answer. Null: no answer yet."""
    detail: str
    """What became of the last try, in words."""
    tries: int
    """How often it was tried."""
    created_at: str
    """When the event happened."""
    last_try_at: str | None
    """When it was last tried. Null: not yet."""
    next_try_at: str | None
    """When it is tried again. Null: not any more."""
    redelivered_at: str | None
    """When somebody last asked to post it again; `tries` counts from then on. Null: never."""


DeliveryState: TypeAlias = Literal["pending", "delivered", "failed"]
"""What became of an event for one endpoint.
delivered: The receiver accepted it.
failed: The receiver did not accept it, and it is not tried any more.
pending: It is tried, now or again.
"""


class DifferenceOut(TypedDict):
    """One difference, with what to do."""

    kind: Kind
    """What kind of difference it is."""
    message: str
    """What differs, in words for people."""
    fix: str
    """What to do about it."""
    place: Place
    """Where in Jobferry to do it."""
    send_id: str | None
    """Id of the send that it is about. Null: it is about none."""
    items: str | None
    """The choice of items with which a send posts the rest. Null: no send does."""


class DoubtOut(TypedDict):
    """A cost line that may be in Spectrum or not, with all that helps to find out."""

    line: LedgerLineOut
    """The cost line, as Jobferry's ledger holds it."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    send_id: str
    """Id of a send, given by Jobferry."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    where_to_look: str
    """Where in Spectrum to look, with the names of its menus."""
    quiet_until: str | None
    """Before this moment only `posted` is accepted, because Spectrum may still add the line. Null: both are."""
    detail: str
    """What happened to the call, in words."""
    request: str
    """What was sent, secrets masked. '' if the worker died before an answer."""
    answer: str
    """What came back, secrets masked. '' if nothing did."""


class EnhancedAuthIn(TypedDict):
    """A client of Spectrum's Enhanced Authentication."""

    client_id: str
    """Client id, as Spectrum's administrator made it."""
    client_secret: str
    """Client secret. Stored encrypted and never shown again."""
    expires_at: NotRequired[str | None]
    """When the client secret ends, as Spectrum says. Null: not known, so nobody is warned."""


class EntryOut(TypedDict):
    """How a job stands on one connection."""

    connection: str
    """Short name of the connection. Empty: nothing says where the job belongs."""
    work_order_number: str
    """Number of its work order in Spectrum. Empty: there is none."""
    differences: list[DifferenceOut]
    """What differs here. Empty: the job is accounted for here."""
    uncompared: int
    """How many items could not be compared, and one more if the header could not."""
    kept_back: bool
    """Whether a rule of this connection keeps the job out of Spectrum."""
    sums: SumsOut
    """Net figures of the job here."""


class EventFinding(TypedDict):
    """What is wrong or worth knowing about a send."""

    code: str
    """Stable code for programs. The page /problems/CODE says what it means and what to do."""
    severity: Severity
    """How much it matters."""
    message: str
    """The same in one sentence for people."""


class EventHold(TypedDict):
    """Why a connection is held."""

    code: str
    """Stable code for programs. The page /problems/CODE says what it means and what to do."""
    message: str
    """The same in one sentence for people."""
    since: str
    """When the hold began."""
    until: str | None
    """When Jobferry tries again by itself. Null: a person has to resume the connection."""


EventType: TypeAlias = Literal["send.succeeded", "send.failed", "send.in_doubt", "connection.held", "endpoint.test"]
"""Programs can subscribe to all but the last one, which is sent only on request.
connection.held: All sends of a connection wait.
endpoint.test: A test, sent on request only.
send.failed: A person has to do something about the send.
send.in_doubt: A line may have been posted or not.
send.succeeded: The work order is in Spectrum and its number is on the job.
"""


class ExaminationOut(TypedDict):
    """The result of testing a connection."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    ok: bool
    """Whether no step failed. What cannot be known without writing is `unknown`, and no failure."""
    steps: list[CheckStepOut]
    """The steps in their order."""


class ExternalSyncModelInput(TypedDict):
    """How to post to ServiceTrade's ExternalSync."""

    path: NotRequired[str]
    """Path of the resource, after ServiceTrade's address."""
    body: NotRequired[dict[str, JsonValue]]
    """The object to post. Its texts may hold {job_id}, {system}, {status} and {message}."""


class ExternalSyncModelOutput(TypedDict):
    """How to post to ServiceTrade's ExternalSync."""

    path: NotRequired[str]
    """Path of the resource, after ServiceTrade's address."""
    body: NotRequired[dict[str, JsonValue]]
    """The object to post. Its texts may hold {job_id}, {system}, {status} and {message}."""


class FieldChangeOut(TypedDict):
    """One value that would change. Of an item, `kind` and `left_out` count as fields too."""

    field: str
    """Spectrum's name of the field."""
    before: str
    """The value with the present plugins. '' where there is none."""
    after: str
    """The value with the given plugins. '' where there is none."""
    origin: OriginOut
    """Where the new value comes from."""


class FieldErrorOut(TypedDict):
    """One wrong part of a request."""

    pointer: str
    """JSON pointer into the body. For a query parameter or header it is a slash and the name. '': the whole
    body.
    """
    detail: str
    """What is wrong, or what a right value would be."""


class FindingOut(TypedDict):
    """Something to know about a send or a connection: what, why, and what to do."""

    code: str
    """Stable code for programs. The page /problems/CODE says what it means and what to do."""
    severity: Severity
    """How much it matters."""
    message: str
    """The same in one sentence for people."""
    cause: str
    """Why this happens, in general."""
    fix: list[str]
    """What to do, step by step, true in the present state. Empty if nothing has to be done."""
    owner: Owner
    """Who can apply the fix."""
    retry: Retry
    """Whether a retry is safe, and who starts it."""
    field: str | None
    """The field of the work order or line that it is about. Null: none in particular."""
    origin: str | None
    """Where the value of that field comes from. Null: not about a value."""
    item_id: str | None
    """ServiceTrade's id of the job's item that it is about. Null: not about an item."""


class FormerAliasOut(TypedDict):
    """A former code of a record, and who ended it when."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str
    """The code that the record had in Spectrum."""
    set_at: str
    """When this code was set."""
    set_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    end: AliasEnd
    """Whether another code took its place, or the alias was removed."""
    ended_at: str
    """When the code ended."""
    ended_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """


class FoundJobOut(TypedDict):
    """A job as ServiceTrade has it now, with its newest sends."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null: it has none."""
    name: str
    """The job's name in ServiceTrade. '' if nobody gave it."""
    status: str
    """ServiceTrade's own word for its status."""
    scheduled_at: str | None
    """When it is scheduled. Null: ServiceTrade does not say."""
    customer: str | None
    """The customer's name in ServiceTrade. Null: ServiceTrade does not say."""
    location: str | None
    """The location's name in ServiceTrade. Null: ServiceTrade does not say."""
    sends: list[SendSummary]
    """Its sends, newest first, at most 20."""
    more_sends: bool
    """Whether there are older sends, which `GET .../sends?job_id=` lists."""


class GapOut(TypedDict):
    """A record without a Spectrum code, or with one that Spectrum would refuse, and the jobs that need it."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    code: str | None
    """The code of the failure that a send would have. Null: the record is optional, so nothing would fail."""
    refused: str | None
    """The record's code, if a list that was read from Spectrum or imported shows that Spectrum does not accept
    it. Null: the record has no code.
    """
    earliest: str | None
    """When the first of these jobs is scheduled. Null: not known."""
    jobs: list[UpcomingJobOut]
    """The upcoming jobs with this record."""


Grade: TypeAlias = Literal["clear", "doubtful", "nothing"]
"""What the comparison found.
clear: One code that nothing speaks against; it is ticked until somebody unticks it.
doubtful: Codes that a person must look at.
nothing: No code that resembles it.
"""


class HeaderValueOut(TypedDict):
    """One field of the work order."""

    field: str
    """Spectrum's name of the field."""
    value: str
    """The value as it is written to Spectrum. '': the field does not change there."""
    origin: OriginOut
    """Where the value comes from."""
    previous: str | None
    """The value of the job's last send. Null: it was not sent before."""
    changes: bool
    """Whether the value differs from that of the last send."""


class Health(TypedDict):
    """The process is well. Otherwise the answer is a problem."""

    status: NotRequired[Literal["ok"]]
    """Always `ok`."""


class HoldEvent(TypedDict):
    """A connection is held: its sends wait."""

    type: Literal["connection.held"]
    """Always `connection.held`."""
    timestamp: str
    """When the hold began."""
    data: HoldEventData
    """The connection, why it is held, and the send that met the cause."""


class HoldEventData(TypedDict):
    """The send that caused the hold, and why the connection is held."""

    send_id: str
    """Id of a send, given by Jobferry."""
    state: SendState
    """How a send stands."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    work_order_number: str | None
    """Spectrum's number of the work order. Null if the send ended before it was known."""
    requested_at: str
    """When the send was requested."""
    requested_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    progress: ProgressOut
    """What the send has done, as `GET .../sends/{send_id}` told it at that moment."""
    findings: list[EventFinding]
    """Why it failed, or what to know about it."""
    hold: EventHold
    """Why the connection is held, and since when."""


class HoldOut(TypedDict):
    """Why a connection waits."""

    since: str
    """When the hold began."""
    until: str | None
    """When Jobferry tries again by itself. Null: only a person can end the hold."""
    finding: FindingOut
    """The cause, and what to do about it."""


Include: TypeAlias = Literal["attempts", "lines", "plan"]
"""A large part of a send
attempts: The newest attempts.
lines: The cost lines.
plan: The plan.
"""


class ItemChangeOut(TypedDict):
    """What would change about one item."""

    item_id: str
    """ServiceTrade's id of the job item, as text."""
    item_name: str
    """The item's name in ServiceTrade."""
    changes: list[FieldChangeOut]
    """Its values that would change."""


ItemKind: TypeAlias = Literal["material", "other_charge", "skip", "task"]
"""What an item becomes in Spectrum.
material: A material line.
other_charge: A line of other charges.
skip: Nothing: the item is left out.
task: A work order task, made from a service of the job and never from an item.
"""


class ItemsDeclaredOut(TypedDict):
    """What an answer about items changed."""

    work_order_number: str
    """Spectrum's number of the work order, at most 10 characters: usually the connection's leading character and
    the job number.
    """
    entered: list[LedgerLineOut]
    """Lines that count as posted from now on."""
    left: list[StandingItemOut]
    """Items that a send would post."""
    retry: list[str]
    """Ids of the job's failed sends that waited for this answer. Retry them."""


class ItemsHoldOut(TypedDict):
    """Why a connection adds nothing to Spectrum but work orders. Only a person ends this hold."""

    since: str
    """When the hold began."""
    quiet_until: str | None
    """The hold can be ended after this moment. Until then Spectrum may still add what was on its way and what
    the database does not know. Null: at once.
    """
    finding: FindingOut
    """The cause, and what to do about it."""


ItemsMode: TypeAlias = Literal["none", "new_only", "difference", "again"]
"""Which items of a completed job are sent. Our ledger holds what the job's earlier sends posted.
again: All items again, which makes a second set in Spectrum..
difference: Also lines that correct changed quantities and amounts, and that reverse removed items..
new_only: Only items that are not posted yet..
none: No items.
"""


class ItemsProgressOut(TypedDict):
    """How many items of a send are in Spectrum."""

    mark: Mark
    """How far the items are as a whole."""
    posted: int
    """How many items are in Spectrum."""
    total: int
    """How many items the send posts."""
    to_check: int
    """For how many items a person has to look in Spectrum."""


JsonValue: TypeAlias = Any
"""Any JSON value."""


class KeepCodeIn(TypedDict):
    """Where the code is to be kept."""

    keep: NotRequired[CodeSource | None]
    """`alias` or `servicetrade`: try again there. Left out or null: leave the code that ServiceTrade's record
    has.
    """


class KeyOut(TypedDict):
    """A key, without its text."""

    id: str
    """Id of the key, given by Jobferry."""
    name: str
    """Who uses it, as its maker wrote it."""
    prefix: str
    """The beginning of the key, to recognise it by."""
    scopes: list[Scope]
    """What it may do. Empty for an operator key, which may do everything."""
    created_at: str
    """When it was made."""
    created_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    expires_at: str | None
    """When the key ends, in UTC. Null: never."""
    revoked_at: str | None
    """When somebody revoked it. Null: nobody did."""
    last_used_at: str | None
    """When it was last used, accurate to ten minutes. Null: never."""


Kind: TypeAlias = Literal["doubled", "unclear", "missing", "drifted", "never_asked", "waiting", "unreadable"]
"""Why a job is not accounted for; the most urgent first.
doubled: An item stands twice, or the job has two work orders in one Spectrum company..
drifted: ServiceTrade and what stands in Spectrum differ: header, items or number..
missing: The job was never sent, or what was asked for failed..
never_asked: The work order stands, but nobody chose to post its items..
unclear: Nobody knows whether it is in Spectrum: in doubt, or nobody said what stands there..
unreadable: The job could not be read or planned, so nobody knows..
waiting: A send waits or runs. It continues by itself, or its connection is paused or on hold..
"""


class LedgerLineOut(TypedDict):
    """A cost line in Jobferry's ledger: what was posted, or is to be posted."""

    id: str
    """Id of a cost line in Jobferry's ledger."""
    item_id: str
    """ServiceTrade's id of the job item, as text."""
    item_name: str
    """The item's name in ServiceTrade."""
    kind: ItemKind
    """What the item is in Spectrum."""
    round: int
    """Counts the lines of one item on one work order, from 0."""
    purpose: LinePurpose
    """Why the line is posted."""
    words: str
    """The line in words."""
    work_order_number: str
    """Spectrum's number of the work order, at most 10 characters: usually the connection's leading character and
    the job number.
    """
    fields: dict[str, str]
    """Its fields by Spectrum's names, as they are written."""
    state: LineState
    """Whether it is in Spectrum."""
    sent_at: str | None
    """When its call began. Null: it was not sent."""
    system_key: str | None
    """Spectrum's own key of the line, if it answered with one."""
    findings: list[FindingOut]
    """Why Spectrum refused it, or what it warned of."""
    settled_by: str | None
    """Who settled a doubt about it. Null: nobody had to."""
    settled_reason: str | None
    """What that person saw in Spectrum."""
    settled_at: str | None
    """When the doubt was settled."""


class LeftOutOut(TypedDict):
    """An item that is not posted."""

    item_id: str
    """ServiceTrade's id of the job item, as text."""
    item_name: str
    """The item's name in ServiceTrade."""
    item_type: str
    """The item's type in ServiceTrade."""
    code: str
    """The reason, for programs."""
    reason: str
    """The reason, for people."""
    origin: OriginOut
    """The rule that left it out."""


LinePurpose: TypeAlias = Literal["new", "again", "correction", "reversal"]
"""Why a line is posted.
again: The item is posted a second time, on request.
correction: Adds the difference to what was posted.
new: The first line of its item.
reversal: Takes back what was posted.
"""


LineState: TypeAlias = Literal["planned", "sending", "posted", "rejected", "in_doubt", "not_posted"]
"""Whether a cost line is in Spectrum.
in_doubt: It may be in Spectrum or not.
not_posted: Not in Spectrum, as a person or evidence says.
planned: Not sent yet.
posted: In Spectrum.
rejected: Spectrum refused it.
sending: Its call is under way.
"""


class LineValueOut(TypedDict):
    """One field of a cost line."""

    field: str
    """Spectrum's name of the field."""
    value: str
    """The value as it is written to Spectrum."""
    origin: OriginOut
    """Where the value comes from."""


ListTrouble: TypeAlias = Literal["never_read", "not_allowed", "no_service", "row_limit", "empty", "unreadable"]
"""Why the list of a kind is not known completely.
empty: Spectrum answered with a list without any code, which does not show that there is none.
never_read: It was not read yet.
no_service: This Spectrum does not have the service that reads it, or none is documented.
not_allowed: The Authorization ID may not use the service that reads it.
row_limit: Spectrum's limit of rows cut it, also with narrower questions.
unreadable: Spectrum was away, or its answer was cut or unclear.
"""


class ListedCodeOut(TypedDict):
    """A code that the Spectrum company has, with what its list tells. '' stands for what the list does not tell."""

    kind: AliasKind
    """What the code is for."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    name: str
    """Its name or description in Spectrum."""
    active: bool | None
    """Whether it is active in Spectrum. Null: nobody knows."""
    street: str
    """Street of a customer or site."""
    city: str
    """City of a customer or site."""
    state: str
    """State of a customer or site."""
    postal_code: str
    """Postal code of a customer or site."""
    phone: str
    """Phone of a customer or site."""
    customer_code: str
    """The customer of a site or contract."""
    site_code: str
    """The site of a contract."""
    unit: str
    """Unit of measure of an item."""
    listed_from: ListedFrom
    """How we know that the company has the code."""
    refused_at: str | None
    """Spectrum refused the code then, although it is listed. Null: it did not, as far as we know."""


ListedFrom: TypeAlias = Literal["spectrum", "imported", "accepted"]
"""How we know that the company has the code.
accepted: Spectrum accepted a work order or a line with it.
imported: From a file that somebody exported from Spectrum.
spectrum: Read from Spectrum's own list.
"""


LongText: TypeAlias = Literal["cut", "refuse"]
"""What to do with a description or customer PO that is longer than Spectrum's field.
cut: Cut it to the length of the field, with a warning.
refuse: Do not send the job.
"""


Mark: TypeAlias = Literal["done", "pending", "unknown", "missing", "by_hand"]
"""How far one part of a send is.
by_hand: A person says that it was done in Spectrum.
done: Done.
missing: It has not happened, and does not happen by itself.
pending: It may still happen by itself.
unknown: It may have happened: a person has to look.
"""


class MarkDoneIn(TypedDict):
    """What a person did by hand."""

    reason: str
    """What was done in Spectrum; the audit keeps it."""


class MenuEntryOut(TypedDict):
    """One entry of a job's Send menu: a connection that the job can be sent on."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    label: str
    """What people read in the menu."""
    preselected: bool
    """Whether it is chosen when the menu opens."""
    disabled: str | None
    """Why it cannot be used, in words. Null: it can."""
    notice: str | None
    """What a send would wait for, such as a pause. Null: nothing."""
    work_order: WorkOrderOut | None
    """The job's work order there. Null: it was not sent on this connection."""
    last_send: SendSummary | None
    """The job's last send on this connection. Null: it was not sent."""


class MessageOut(TypedDict):
    """One message to a recipient, and what became of it."""

    id: str
    """Id of the message, given by Jobferry. It is part of the mail's Message-ID."""
    kind: NoticeKind
    """What it tells of."""
    subject: str
    """The subject of the mail, or the title of the post."""
    state: MessageState
    """What became of it."""
    tries: int
    """How often it was tried."""
    detail: str
    """What became of the last try, in words."""
    created_at: str
    """When it was written."""
    last_try_at: str | None
    """When it was last tried. Null: not yet."""
    next_try_at: str | None
    """When it is tried again. Null: not any more."""


MessageState: TypeAlias = Literal["pending", "delivered", "failed"]
"""What became of a message.
delivered: The mail server or the channel accepted it.
failed: It was not accepted, and it is not tried any more.
pending: It is tried, now or again.
"""


class MovedOut(TypedDict):
    """How many records were decided about."""

    records: int
    """How many of them this request has changed; the others had another state."""


NewCode: TypeAlias = Literal["name", "number", "none"]
"""Which code is proposed for a new record. Whoever confirms the record can type another one.
name: The letters and digits of its name.
none: No proposal.
number: One more than the highest number that is known here as a code.
"""


class NewKeyOut(TypedDict):
    """A new key with its text."""

    id: str
    """Id of the key, given by Jobferry."""
    name: str
    """Who uses it, as its maker wrote it."""
    prefix: str
    """The beginning of the key, to recognise it by."""
    scopes: list[Scope]
    """What it may do. Empty for an operator key, which may do everything."""
    created_at: str
    """When it was made."""
    created_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    expires_at: str | None
    """When the key ends, in UTC. Null: never."""
    revoked_at: str | None
    """When somebody revoked it. Null: nobody did."""
    last_used_at: str | None
    """When it was last used, accurate to ten minutes. Null: never."""
    key: str
    """The key itself, for the Authorization header. Only this answer contains it; Jobferry keeps its hash."""


NonStock: TypeAlias = Literal["off", "without_code", "all"]
"""Which materials are sent as non-stock items, which need not be in Spectrum's inventory.
all: All.
off: None.
without_code: Those that have no code.
"""


NoteMode: TypeAlias = Literal["replace", "append"]
"""How a description that is too long for its field goes into the note topic.
append: Add each changed text to what the topic holds.
replace: Replace the whole topic, which belongs to Jobferry.
"""


NoticeKind: TypeAlias = Literal["connection_held", "doubt", "client_secret", "send_failed", "digest", "test"]
"""What somebody can be told of.
client_secret: A client secret ends soon.
connection_held: A connection is held.
digest: A summary once a day.
doubt: An item, or a new site or customer, may be in Spectrum or not.
send_failed: A send failed.
test: A test, sent on request only.
"""


OnCompletion: TypeAlias = Literal["off", "send", "send_with_items"]
"""What Jobferry does by itself when a job is completed in ServiceTrade.
off: Nothing.
send: Send the work order.
send_with_items: Send the work order and the items.
"""


class OperatorKeyIn(TypedDict):
    """A new operator key, which may do everything."""

    name: str
    """Who uses it, for people and for the audit."""
    expires_at: NotRequired[str | None]
    """When the key ends, in UTC. Null: never."""


class OriginOut(TypedDict):
    """Where a value comes from."""

    source: str
    """What it was taken from: `job.FIELD`, `mapping.RECORD`, `setting.NAME`, or `core` for a fixed value."""
    rule: str
    """The rule that set it: a plugin, or `core` for Jobferry itself."""
    version: str
    """Version of that plugin. '' for `core`."""
    reason: str
    """Why it has this value, in words. '' if the source says it all."""


Outcome: TypeAlias = Literal["accepted", "already", "changed", "decided", "not_listed", "invalid"]
"""What became of one pair of a record and a code.
accepted: It is confirmed: a worker checks it once more and sets it.
already: The same code was confirmed or set before.
changed: The record or its suggestions have changed since they were shown, or it has a code by now.
decided: Somebody else has decided otherwise meanwhile.
invalid: No code can look like this.
not_listed: The code is not in the list of Spectrum's codes, or is inactive there.
"""


Overwrite: TypeAlias = Literal["all", "changed_fields"]
"""Which fields a repeated send writes.
all: Every mapped field, each time.
changed_fields: Only fields that changed since the last send.
"""


Owner: TypeAlias = Literal["dispatcher", "servicetrade_admin", "spectrum_admin", "it", "plugin_author", "service"]
"""Who can apply the fix.
dispatcher: The office, in ServiceTrade's job.
it: Who runs the network and the servers.
plugin_author: The author of the plugin.
service: Who operates Jobferry.
servicetrade_admin: ServiceTrade's administrator.
spectrum_admin: Spectrum's administrator.
"""


class PageAliasOut(TypedDict):
    """One page of a list."""

    items: list[AliasOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageAttemptOut(TypedDict):
    """One page of a list."""

    items: list[AttemptOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageAuditOut(TypedDict):
    """One page of a list."""

    items: list[AuditOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageConnectionOut(TypedDict):
    """One page of a list."""

    items: list[ConnectionOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageCreationOut(TypedDict):
    """One page of a list."""

    items: list[CreationOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageDeliveryOut(TypedDict):
    """One page of a list."""

    items: list[DeliveryOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageDoubtOut(TypedDict):
    """One page of a list."""

    items: list[DoubtOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageFormerAliasOut(TypedDict):
    """One page of a list."""

    items: list[FormerAliasOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageFoundJobOut(TypedDict):
    """One page of a list."""

    items: list[FoundJobOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageKeyOut(TypedDict):
    """One page of a list."""

    items: list[KeyOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageListedCodeOut(TypedDict):
    """One page of a list."""

    items: list[ListedCodeOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageMenuEntryOut(TypedDict):
    """One page of a list."""

    items: list[MenuEntryOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageMessageOut(TypedDict):
    """One page of a list."""

    items: list[MessageOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PagePluginOut(TypedDict):
    """One page of a list."""

    items: list[PluginOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageRecipientOut(TypedDict):
    """One page of a list."""

    items: list[RecipientOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageReconciledJobOut(TypedDict):
    """One page of a list."""

    items: list[ReconciledJobOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageReconciliationOut(TypedDict):
    """One page of a list."""

    items: list[ReconciliationOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageSendSummary(TypedDict):
    """One page of a list."""

    items: list[SendSummary]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageSuggestedRecordOut(TypedDict):
    """One page of a list."""

    items: list[SuggestedRecordOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageTenantOut(TypedDict):
    """One page of a list."""

    items: list[TenantOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageUnclearAnnotationOut(TypedDict):
    """One page of a list."""

    items: list[UnclearAnnotationOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageWarningOut(TypedDict):
    """One page of a list."""

    items: list[WarningOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PageWebhookEndpointOut(TypedDict):
    """One page of a list."""

    items: list[WebhookEndpointOut]
    """The entries of this page, in the order that the call names."""
    next: NotRequired[str | None]
    """The `cursor` of the next page. Null: this is the last page."""


class PairOut(TypedDict):
    """What became of one pair."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    outcome: Outcome
    """Whether it is confirmed."""
    detail: str
    """Why not, in a sentence. Empty: it is confirmed."""


Place: TypeAlias = Literal["job", "send", "doubts", "connection"]
"""Where a person acts on a difference.
connection: The connection: resume it, or confirm a restored backup..
doubts: The items to check in Spectrum: settle them..
job: The job: preview it, send it, or say which of its items are in Spectrum..
send: The send: see its cause, fix it, and try again..
"""


class PlanOut(TypedDict):
    """Every value that a send would write, where each comes from, and what blocks the send."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    plan_hash: str
    """Fingerprint of the plan: fields, lines and choices. It changes when anything that would be written
    changes.
    """
    sendable: bool
    """Whether nothing blocks the send."""
    work_order_number: str | None
    """Spectrum's number of the work order. Null: it cannot be told yet."""
    creates: bool
    """Whether the work order is new. False: an existing one is updated."""
    adopt: bool
    """Whether it continues with a number that another job or system is known to use."""
    header: list[HeaderValueOut]
    """The fields of the work order, in Spectrum's order."""
    annotations: list[AnnotationOut]
    """The note, the marker and the documents. Empty unless the connection switches them on."""
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    lines: list[PlannedLineOut]
    """The cost lines, then the work order tasks, in the order in which they are posted. Empty if no items were
    asked for.
    """
    left_out: list[LeftOutOut]
    """Items and services that are not posted, and why. Empty if no items were asked for."""
    items_held: FindingOut | None
    """Why no item may be posted now although the header is sent. Null: nothing holds them."""
    findings: list[FindingOut]
    """What blocks the send, and what to know about it."""
    rules: list[RuleOut]
    """The rules that took part, in the order of their calls."""


class PlannedLineOut(TypedDict):
    """A cost line as a send would post it."""

    item_id: str
    """ServiceTrade's id of the job item, as text."""
    item_name: str
    """The item's name in ServiceTrade."""
    kind: ItemKind
    """What the item becomes in Spectrum."""
    round: int
    """Counts the lines of one item on one work order, from 0."""
    purpose: LinePurpose
    """Why the line is posted."""
    code: str
    """The item's or charge's code in Spectrum."""
    quantity: str | None
    """How many the line adds, in the item's unit. Null for an other charge, which has none."""
    amount: str | None
    """The cost that the line adds, in the company's currency. Null: Spectrum takes it from its inventory."""
    fields: list[LineValueOut]
    """All its fields, in Spectrum's order."""


class PluginModelInput(TypedDict):
    """One plugin of a connection."""

    name: str
    """Name of the plugin, as the list of plugins shows it."""
    config: NotRequired[dict[str, JsonValue]]
    """Its settings, as its schema describes them. What is left out comes from the tenant's plugin defaults."""
    hooks: NotRequired[dict[str, bool]]
    """False switches one of its hooks off, by the hook's name. Hooks that are not named are on."""


class PluginModelOutput(TypedDict):
    """One plugin of a connection."""

    name: str
    """Name of the plugin, as the list of plugins shows it."""
    config: NotRequired[dict[str, JsonValue]]
    """Its settings, as its schema describes them. What is left out comes from the tenant's plugin defaults."""
    hooks: NotRequired[dict[str, bool]]
    """False switches one of its hooks off, by the hook's name. Hooks that are not named are on."""


class PluginOut(TypedDict):
    """A plugin of this installation: rules that a connection may use."""

    name: str
    """Name of the plugin, as the list of plugins shows it."""
    version: str
    """Version of the plugin, as its author wrote it."""
    summary: str
    """What it does, in one sentence of its author."""
    hooks: list[str]
    """The hooks that it implements."""
    built_in: bool
    """Whether it comes with Jobferry."""
    always_runs: bool
    """Whether it runs for each connection. All others run where a connection names them."""
    takes_config: bool
    """Whether it has settings; `GET /v1/plugins/{plugin}/schema` describes them."""
    notes: list[str]
    """What its author should mend."""
    source: str | None
    """The package or file that it comes from. Null for a tenant's key: only operators see it."""


class PluginSchemaOut(TypedDict):
    """The settings of a plugin."""

    name: str
    """Name of the plugin, as the list of plugins shows it."""
    version: str
    """Version of the plugin, as its author wrote it."""
    config_schema: dict[str, Any] | None
    """JSON Schema of its `config`. Null: it takes none."""


class PreviewFieldOut(TypedDict):
    """A field of Spectrum's service with the value that would be sent."""

    name: str
    """Its name in Spectrum."""
    value: str
    """The value that would be sent. '' for none."""
    origin: str
    """Where the value is from: a member of ServiceTrade's record, a setting, or `typed`. '' for none."""
    origin_words: str
    """The same in words for people."""
    note: str
    """How the value differs from its origin. '' if it does not."""
    problem: str
    """What is wrong with the value. '' if nothing is."""
    longest: int
    """The most characters that Spectrum takes."""
    required: bool
    """Whether Spectrum requires a value."""
    format: str
    """The form that Spectrum's documentation demands, in its words. '' for none."""


class PreviewIn(TypedDict):
    """What a send would be asked to do."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    items: NotRequired[ItemsMode]
    """Which items of the job the send would post. Items need a completed job, or `completing`."""
    tasks: NotRequired[TasksMode]
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with
    items.
    """
    adopt: NotRequired[bool]
    """Continue with the number that the job already has, although another job or system is known to use it."""
    completing: NotRequired[bool]
    """Preview a send that completes the job first, as `POST .../jobs/{job_id}/complete` does."""


class PreviewOut(TypedDict):
    """What a send would write now."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    plan_hash: str
    """Fingerprint of the plan: fields, lines and choices. It changes when anything that would be written
    changes.
    """
    sendable: bool
    """Whether nothing blocks the send."""
    work_order_number: str | None
    """Spectrum's number of the work order. Null: it cannot be told yet."""
    creates: bool
    """Whether the work order is new. False: an existing one is updated."""
    adopt: bool
    """Whether it continues with a number that another job or system is known to use."""
    header: list[HeaderValueOut]
    """The fields of the work order, in Spectrum's order."""
    annotations: list[AnnotationOut]
    """The note, the marker and the documents. Empty unless the connection switches them on."""
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    lines: list[PlannedLineOut]
    """The cost lines, then the work order tasks, in the order in which they are posted. Empty if no items were
    asked for.
    """
    left_out: list[LeftOutOut]
    """Items and services that are not posted, and why. Empty if no items were asked for."""
    items_held: FindingOut | None
    """Why no item may be posted now although the header is sent. Null: nothing holds them."""
    findings: list[FindingOut]
    """What blocks the send, and what to know about it."""
    rules: list[RuleOut]
    """The rules that took part, in the order of their calls."""
    choices: dict[ItemsMode, ChoiceOut]
    """What each choice of items would post now. Empty if no items were asked for."""


class Problem(TypedDict):
    """Why a request was refused or failed, as RFC 9457 describes problem details."""

    type: str
    """Address of the page about this code, on this server."""
    title: str
    """What the code means, in a few words."""
    status: int
    """The HTTP status of the answer."""
    detail: str
    """What went wrong this time."""
    code: str
    """Stable code for programs. Act on this, not on the words."""
    errors: NotRequired[list[FieldErrorOut]]
    """The wrong parts of the request, each with its place. Empty if the request as a whole was refused."""
    fix: NotRequired[str]
    """What to do. '' if nobody can do anything."""
    retryable: NotRequired[bool]
    """Whether the same request may succeed later without a change. Wait as Retry-After says."""
    request_id: NotRequired[str]
    """Id of the request, the same as in the header X-Request-Id: it finds the request in Jobferry's log."""
    instance: NotRequired[str | None]
    """Identifies an unexpected failure in Jobferry's log, as `urn:jobferry:failure:ID`. Left out for all others."""
    plan: NotRequired[PlanOut | None]
    """The present plan, if the plan that you named is outdated or the job cannot be completed and sent. Left out
    for all others.
    """


class ProgressOut(TypedDict):
    """What the send has done, whatever its state."""

    sentence: str
    """The same in words, as on every page."""
    work_order: Mark
    """Whether Spectrum has accepted the work order."""
    items: ItemsProgressOut | None
    """How many items are in Spectrum. Null for a send without items, before the plan is made, and once an old
    send's plan is deleted.
    """
    tasks: TasksProgressOut | None
    """How many work order tasks are in Spectrum. Null for a send without tasks, before the plan is made, and
    once an old send's plan is deleted.
    """
    number: Mark
    """Whether the send has written the work order number to the job in ServiceTrade."""


class ReadinessOut(TypedDict):
    """Which codes the upcoming jobs of a connection lack."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    jobs: int
    """How many upcoming jobs were read."""
    failing: int
    """How many of them would fail if they were sent now."""
    partial: bool
    """Whether there are more jobs or records than were read."""
    gaps: list[GapOut]
    """The records without a code or with a wrong one, those of the earliest job first."""
    incomplete: list[UpcomingJobOut]
    """Jobs without a customer or a location in ServiceTrade."""


class RecipientIn(TypedDict):
    """A mail address or a channel that is told of trouble."""

    channel: Channel
    """How the recipient is told."""
    address: str
    """An e-mail address, or the secret address of an incoming webhook of Teams or Slack, which no answer shows."""
    kinds: NotRequired[list[NoticeKind]]
    """What it is told of. Left out: the recommended kinds."""
    digest_hour: NotRequired[int]
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: NotRequired[int | None]
    """First hour in which nothing is sent, 0 to 23 in the tenant's time zone. Null: no quiet hours. Give both
    ends or none.
    """
    quiet_until: NotRequired[int | None]
    """The hour in which messages begin again, 0 to 23 in the tenant's time zone."""


class RecipientOut(TypedDict):
    """A mail address or a channel that is told of trouble, and whether the messages arrive."""

    id: str
    """Id of the recipient, given by Jobferry."""
    channel: Channel
    """How the recipient is told."""
    address: str
    """An e-mail address, or the host of a channel's secret address."""
    kinds: list[NoticeKind]
    """What it is told of."""
    digest_hour: int
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: int | None
    """First hour in which nothing is sent, 0 to 23 in the tenant's time zone. Null: no quiet hours."""
    quiet_until: int | None
    """The hour in which messages begin again, 0 to 23 in the tenant's time zone. Null: no quiet hours."""
    paused: bool
    """Whether nothing is sent to it."""
    paused_reason: str
    """Why Jobferry paused it. '' if it is not paused, or if somebody paused it."""
    trouble: str
    """Why the last try failed. '' after a success."""
    trouble_at: str | None
    """When the last try failed. Null after a success."""
    next_digest_at: str | None
    """When the next daily summary is due. Null: it gets none."""
    created_at: str
    """When it was added."""
    created_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """


class RecipientPatch(TypedDict):
    """Changes of a recipient. Fields that are left out do not change."""

    address: NotRequired[str | None]
    """A new address of the same channel. Left out or null: no change."""
    kinds: NotRequired[list[NoticeKind] | None]
    """What it is told of from now on. Left out or null: no change."""
    digest_hour: NotRequired[int | None]
    """At which hour the daily summary is sent: 0 to 23, in the tenant's time zone."""
    quiet_from: NotRequired[int | None]
    """First hour in which nothing is sent, 0 to 23. Null for both ends: no quiet hours any more."""
    quiet_until: NotRequired[int | None]
    """The hour in which messages begin again, 0 to 23."""
    paused: NotRequired[bool | None]
    """True stops its messages; false starts them again."""


class ReconciledJobOut(TypedDict):
    """A completed job as it was found at `checked_at`."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    number: str
    """The job number that people see in ServiceTrade. Empty: it could not be read."""
    customer: str
    """The customer's name in ServiceTrade."""
    completed_on: str | None
    """When the job was completed. Null: ServiceTrade does not say."""
    checked_at: str
    """When the job was compared."""
    accounted_for: bool
    """Whether it has no difference on any connection."""
    connections: list[EntryOut]
    """How it stands on each connection that it belongs to."""


class ReconciliationDetail(TypedDict):
    """A reconciliation with its counts. While it runs, they grow."""

    id: str
    """Id of the reconciliation, given by Jobferry."""
    state: RunState
    """How far it is, and whether every job was compared."""
    first_day: str
    """The first of its days, in the tenant's time zone."""
    last_day: str
    """The last of its days, which is included."""
    since: str
    """It compares jobs completed from this moment on."""
    until: str
    """It compares jobs completed before this moment."""
    requested_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    created_at: str
    """When it was started."""
    finished_at: str | None
    """When it ended. Null: it still runs."""
    trouble: str
    """Why it waits at present, in a sentence. Empty: it does not."""
    reason: str
    """Why not every job could be compared, in a sentence. Empty unless it is `incomplete`."""
    listed: int
    """How many completed jobs ServiceTrade's list holds for these days."""
    checked: int
    """How many of them were compared."""
    accounted: int
    """How many jobs have no difference on any connection."""
    differs: int
    """How many jobs have a difference, each counted once."""
    uncompared: int
    """How many jobs have a part that could not be compared, because its values in Spectrum are not known here."""
    kinds: dict[str, int]
    """How many jobs have each kind of difference. A job with several kinds counts in each."""
    connections: list[ConnectionTally]
    """The same for each connection with jobs."""
    sums: SumsOut
    """Net figures of all jobs, added up."""


class ReconciliationIn(TypedDict):
    """The days whose completed jobs are compared, in the tenant's time zone."""

    first_day: NotRequired[str | None]
    """The first day. Left out or null: the last day, or yesterday if there is none."""
    last_day: NotRequired[str | None]
    """The last day, which is included; today ends with the moment of the request. Left out or null: the first
    day.
    """


class ReconciliationOut(TypedDict):
    """One reconciliation. Its result holds for all of its days only in the state `whole`."""

    id: str
    """Id of the reconciliation, given by Jobferry."""
    state: RunState
    """How far it is, and whether every job was compared."""
    first_day: str
    """The first of its days, in the tenant's time zone."""
    last_day: str
    """The last of its days, which is included."""
    since: str
    """It compares jobs completed from this moment on."""
    until: str
    """It compares jobs completed before this moment."""
    requested_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    created_at: str
    """When it was started."""
    finished_at: str | None
    """When it ended. Null: it still runs."""
    trouble: str
    """Why it waits at present, in a sentence. Empty: it does not."""
    reason: str
    """Why not every job could be compared, in a sentence. Empty unless it is `incomplete`."""


class RecordIn(TypedDict):
    """A record of ServiceTrade."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""


RecordState: TypeAlias = Literal["open", "left", "confirmed", "set"]
"""How far the record is. Only a person moves it from `open` to `confirmed` or `left`.
confirmed: A person confirmed a code; a worker checks it once more and sets it.
left: A person decided that it gets no code from here.
open: It has no code, and nobody has decided.
set: The confirmed code is set.
"""


class RecordsIn(TypedDict):
    """Up to 500 records."""

    records: list[RecordIn]
    """The records. Each stands here once."""


class RedeliverIn(TypedDict):
    """Which events to post again: one, or all from a moment on."""

    event_id: NotRequired[str | None]
    """The event: the `webhook-id` of its posts. Null: `since` is given."""
    since: NotRequired[str | None]
    """All events that happened at this moment or later. A day begins at midnight in UTC. Null: `event_id` is
    given.
    """
    until: NotRequired[str | None]
    """With `since`: only events that happened before this moment. Null: all until now."""
    only_failed: NotRequired[bool]
    """With `since`: only events whose delivery has failed."""


class RedeliveryOut(TypedDict):
    """How many events are posted again."""

    deliveries: int
    """How many events are posted again. One that was not tried yet is not counted: it comes by itself."""
    paused: bool
    """Whether the endpoint is paused: then they are posted once it is resumed."""


class RehearsalIn(TypedDict):
    """Which plugins to try on which jobs."""

    plugins: list[PluginModelInput]
    """The connection's whole list of plugins as it would be, in the order of their calls."""
    last: NotRequired[int]
    """How many of the jobs that were sent last are planned again."""
    job_ids: NotRequired[list[str]]
    """ServiceTrade's ids or job numbers of the jobs to plan, instead of the last ones. Empty: the last ones."""


class RehearsalOut(TypedDict):
    """What other plugins would have changed on a connection's jobs."""

    jobs: list[RehearsedJobOut]
    """The jobs, newest first."""
    changed: int
    """How many jobs would be different."""
    newly_failing: int
    """How many jobs would newly fail."""
    unreadable: int
    """How many jobs have a `problem`: it is not known what would become of them."""
    stopped: str | None
    """Why it ended before all jobs were through. Null: it did not."""


class RehearsedJobOut(TypedDict):
    """What would change about one job."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    work_order_number_before: str | None
    """The number with the present plugins. Null: none."""
    work_order_number_after: str | None
    """The number with the given plugins. Null: none."""
    changed: bool
    """Whether anything would be different."""
    newly_failing: bool
    """Whether it would fail with the given plugins, and does not fail with the present ones."""
    newly_passing: bool
    """Whether it fails with the present plugins, and would not fail with the given ones."""
    fields: list[FieldChangeOut]
    """Values of the work order that would change."""
    items: list[ItemChangeOut]
    """Items that would change."""
    blockers_new: list[FindingOut]
    """Why it would fail."""
    blockers_gone: list[FindingOut]
    """Why it fails now, and would not any more."""
    problem: FindingOut | None
    """Why the job could not be read; everything else is empty then. Null: it was read."""


class RestoreOut(TypedDict):
    """Whether the database came from a backup, and what it may not know."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    items_hold: ItemsHoldOut | None
    """Why the connection posts no items. Null: nothing is held, and then `jobs` is empty."""
    restored_at: str | None
    """When somebody last acknowledged a restored backup. Null: never."""
    since: str | None
    """Jobs completed or changed after this moment are listed. Null: nothing is held."""
    jobs: list[CompletedSinceOut]
    """The newest jobs that were completed or changed in ServiceTrade since."""
    more: bool
    """Whether there are others than those in `jobs`."""


Retry: TypeAlias = Literal["no", "after_fix", "backoff", "verify_first"]
"""Whether a retry is safe, and who starts it.
after_fix: A person retries it after the fix.
backoff: Jobferry retries it by itself.
no: A retry does not help.
verify_first: A person looks in Spectrum before anything is sent again.
"""


class RotateKeyIn(TypedDict):
    """How a key is replaced."""

    overlap_seconds: NotRequired[int]
    """How long the old key still works, in seconds."""


class RuleOut(TypedDict):
    """A rule that took part in a plan."""

    name: str
    """Name of the plugin, as the list of plugins shows it."""
    version: str
    """Version of the plugin, as its author wrote it."""
    config_hash: str | None
    """Fingerprint of its settings. Null: it had none."""


RunState: TypeAlias = Literal["running", "whole", "incomplete"]
"""`running`: A worker compares the jobs, or waits for ServiceTrade; `whole`: Every completed job of the days
was checked, and the list of them was the same before and after; `incomplete`: It ended, and `reason` says
what is missing. What it found holds.
incomplete: It ended, and `reason` says what is missing. What it found holds..
running: A worker compares the jobs, or waits for ServiceTrade..
whole: Every completed job of the days was checked, and the list of them was the same before and after..
"""


Scope: TypeAlias = Literal["read", "send", "settle", "manage"]
"""What a tenant key may do. An operator key may do everything.
manage: Connections, mappings, webhooks, and keys that may do no more than this one..
read: Read everything except keys and the secrets of plugins: jobs, previews, sends, doubts, warnings,
audit..
send: Send, complete, retry, cancel; dismiss warnings..
settle: Settle a line in doubt, or mark a send as done by hand..
"""


class SearchOut(TypedDict):
    """How the search for the codes of a connection stands."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    step: SearchStep | None
    """Its next step. Null: nobody has searched yet."""
    requested_by: str | None
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    started_at: str | None
    """When it was started. Null: nobody has searched yet."""
    finished_at: str | None
    """When it ended. Null: it still runs, or nobody has searched yet."""
    records: int
    """How many of ServiceTrade's records were read."""
    trouble: str
    """Why it waits, or ended early, in a sentence. Empty: nothing went wrong."""
    unread: dict[AliasKind, str]
    """The kinds whose list could not be read from ServiceTrade, each with the reason."""
    stale: list[str]
    """Why the suggestions may be out of date, in sentences. Empty: they are not."""
    clear: int
    """How many open records have one code that nothing speaks against."""
    doubtful: int
    """How many open records have codes that a person must look at."""
    nothing: int
    """How many open records resemble no code."""
    left: int
    """How many records a person has left without a code."""
    confirmed: int
    """How many confirmed codes are still to be set."""
    not_set: int
    """How many confirmed codes could not be set; their records are open again and tell why."""


SearchStep: TypeAlias = Literal["read", "ask", "match", "done"]
"""The next step of a search. Each may be repeated after a crash.
ask: Ask ServiceTrade for each record of which the list did not tell the external id.
done: It has ended; confirmed codes may still be on their way.
match: Compare the records without a code with the listed codes.
read: Read ServiceTrade's lists.
"""


SecretRotation: TypeAlias = Literal["manual", "automatic"]
"""Who renews the client secret: a person, or Jobferry by itself. Other programs may use the same secret.
automatic: Jobferry by itself.
manual: A person.
"""


class SendEvent(TypedDict):
    """A send has ended, or waits for a person."""

    type: Literal["send.succeeded", "send.failed", "send.in_doubt"]
    """Which event it is."""
    timestamp: str
    """When it happened. A repeated delivery has the same moment."""
    data: SendEventData
    """The send and its outcome."""


class SendEventData(TypedDict):
    """The outcome of a send."""

    send_id: str
    """Id of a send, given by Jobferry."""
    state: SendState
    """How a send stands."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    work_order_number: str | None
    """Spectrum's number of the work order. Null if the send ended before it was known."""
    requested_at: str
    """When the send was requested."""
    requested_by: str
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    progress: ProgressOut
    """What the send has done, as `GET .../sends/{send_id}` told it at that moment."""
    findings: list[EventFinding]
    """Why it failed, or what to know about it."""


class SendIdsIn(TypedDict):
    """The sends to retry or to cancel."""

    send_ids: list[str]
    """Ids of the sends, all of one connection."""


class SendIn(TypedDict):
    """Which job to send, named by its id or by its number, where, and with which items."""

    job_id: NotRequired[str | None]
    """ServiceTrade's id of the job: up to 16 digits, as text. It is the number in the job's address in
    ServiceTrade, and not the job number that people see.
    """
    job_number: NotRequired[str | None]
    """The job number that people see in ServiceTrade, in place of the id: the job is looked up there. Null: the
    id is given.
    """
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    items: NotRequired[ItemsMode]
    """Which items of the job to post. Items need a completed job."""
    tasks: NotRequired[TasksMode]
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with
    items.
    """
    adopt: NotRequired[bool]
    """Continue with the number that the job already has, although another job or system is known to use it."""
    plan_hash: NotRequired[str | None]
    """The `plan_hash` of the preview that you have seen: if anything has changed since, nothing is sent, and the
    answer is 409 with the new plan. Null: send what is right when it is sent.
    """


class SendOut(TypedDict):
    """A send with its steps, attempts, lines and plan."""

    id: str
    """Id of a send, given by Jobferry."""
    state: SendState
    """How a send stands."""
    progress: ProgressOut
    """What the send has done, whatever its state."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null until the send is planned."""
    customer: str | None
    """The customer's name in ServiceTrade. Null until the send is planned."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    work_order_number: str | None
    """The number that the work order has or would have: `progress` says whether it is in Spectrum. Null until
    the send is planned.
    """
    requested_at: str
    """When the send was requested."""
    requested_by: str
    """Who requested it: `key:NAME`, `operator:NAME`, a person's e-mail address, or `completion` for a send that
    Jobferry began because the job was completed.
    """
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    completes: bool
    """Whether it completes the job in ServiceTrade first."""
    batch: str | None
    """The batch that it belongs to. Null: none."""
    finished_at: str | None
    """When it ended. Null: it has not, or it waits for a person."""
    next_try_at: str | None
    """When Jobferry tries again. Null: it does not by itself."""
    waits_for_send: str | None
    """Another send to the same work order: this one continues when that ends. Null: it waits for none."""
    cause: str | None
    """Code of the finding that says why it is not done. Null: it is done, or under way."""
    findings: list[FindingOut]
    """What is wrong or worth knowing, with what to do in its present state."""
    steps: list[StepOut]
    """The steps in their order."""
    attempts: list[AttemptOut] | None
    """The newest attempts, of which the oldest comes first. Null if `include` does not name them."""
    more_attempts: bool
    """Whether there are older attempts, which `GET .../sends/{send_id}/attempts` lists."""
    lines: list[LedgerLineOut] | None
    """Its cost lines. Empty if it posts no items. Null if `include` does not name them."""
    annotations: list[WrittenAnnotationOut]
    """Its note, marker and documents. Empty unless the connection switches them on."""
    plan: PlanOut | None
    """What it writes. Null before it is planned, once the plan of an old send is deleted, and if `include` does
    not name it.
    """
    waits_for: str | None
    """Why an open send waits, in words: a pause or a hold of its connection, or another send. Null: it does not
    wait.
    """


SendState: TypeAlias = Literal[
    "queued",
    "sending",
    "retrying",
    "in_doubt",
    "needs_attention",
    "sent",
    "sent_with_warnings",
    "done_by_hand",
    "superseded",
    "cancelled",
]
"""How a send stands.
cancelled: Cancelled before it had written anything.
done_by_hand: A person says that it was done in Spectrum.
in_doubt: A cost line may be in Spectrum or not: it waits for a person or for evidence.
needs_attention: It failed: a person has to fix the cause and retry it.
queued: Stored, and not begun.
retrying: Jobferry tries again by itself, at `next_try_at`.
sending: Under way.
sent: The work order is in Spectrum and its number on the job.
sent_with_warnings: The same, with something to know.
superseded: A newer send of the job took its place before it had written anything.
"""


class SendSummary(TypedDict):
    """A send: one request to send one job on one connection, and how it stands."""

    id: str
    """Id of a send, given by Jobferry."""
    state: SendState
    """How a send stands."""
    progress: ProgressOut
    """What the send has done, whatever its state."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null until the send is planned."""
    customer: str | None
    """The customer's name in ServiceTrade. Null until the send is planned."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    work_order_number: str | None
    """The number that the work order has or would have: `progress` says whether it is in Spectrum. Null until
    the send is planned.
    """
    requested_at: str
    """When the send was requested."""
    requested_by: str
    """Who requested it: `key:NAME`, `operator:NAME`, a person's e-mail address, or `completion` for a send that
    Jobferry began because the job was completed.
    """
    items: ItemsMode
    """Which items were asked for."""
    tasks: TasksMode
    """Which services were asked for as work order tasks: only a connection that sends tasks adds any."""
    completes: bool
    """Whether it completes the job in ServiceTrade first."""
    batch: str | None
    """The batch that it belongs to. Null: none."""
    finished_at: str | None
    """When it ended. Null: it has not, or it waits for a person."""
    next_try_at: str | None
    """When Jobferry tries again. Null: it does not by itself."""
    waits_for_send: str | None
    """Another send to the same work order: this one continues when that ends. Null: it waits for none."""
    cause: str | None
    """Code of the finding that says why it is not done. Null: it is done, or under way."""
    findings: list[FindingOut]
    """What is wrong or worth knowing, with what to do in its present state."""


SendTasks: TypeAlias = Literal["off", "with_items"]
"""When the services of a job are sent as work order tasks.
off: Never.
with_items: Whenever the items of a completed job are sent, unless that send says otherwise.
"""


class ServiceTradeIn(TypedDict):
    """How Jobferry signs in to ServiceTrade: either `username` and `password`, or `client_id` and
    `client_secret`.
    """

    base_url: NotRequired[str]
    """ServiceTrade address. Where ServiceTrade's API answers. Empty: https://api.servicetrade.com/api. Allowed:
    an http(s) address such as https://api.servicetrade.com/api.
    """
    username: NotRequired[str | None]
    """Name of a ServiceTrade user made for Jobferry."""
    password: NotRequired[str | None]
    """Password of that user. Stored encrypted and never shown again."""
    client_id: NotRequired[str | None]
    """Id of an OAuth client, instead of `username`."""
    client_secret: NotRequired[str | None]
    """Secret of that client. Stored encrypted and never shown again."""


class ServiceTradeOut(TypedDict):
    """How Jobferry reaches ServiceTrade, without the login."""

    base_url: str
    """ServiceTrade address. Where ServiceTrade's API answers. Empty: https://api.servicetrade.com/api. Allowed:
    an http(s) address such as https://api.servicetrade.com/api.
    """


class ServiceTradePatch(TypedDict):
    """A new address, or a complete new login: `username` and `password`, or `client_id` and `client_secret`."""

    base_url: NotRequired[str | None]
    """ServiceTrade address. Where ServiceTrade's API answers. Empty: https://api.servicetrade.com/api. Allowed:
    an http(s) address such as https://api.servicetrade.com/api.
    """
    username: NotRequired[str | None]
    """Name of a ServiceTrade user made for Jobferry."""
    password: NotRequired[str | None]
    """Password of that user. Stored encrypted and never shown again."""
    client_id: NotRequired[str | None]
    """Id of an OAuth client, instead of `username`."""
    client_secret: NotRequired[str | None]
    """Secret of that client. Stored encrypted and never shown again."""


Severity: TypeAlias = Literal["blocker", "warning", "info"]
"""How much it matters.
blocker: Nothing is sent until it is fixed.
info: Good to know.
warning: It was or is sent, and somebody should look.
"""


class SignInLinkIn(TypedDict):
    """Who is signed in by the link."""

    email: str
    """E-mail address of the person."""
    name: NotRequired[str]
    """The person's name, used when the person is added."""
    role: NotRequired[Literal["viewer", "sender", "administrator"] | None]
    """The role of a person who does not exist yet and is added. Null: the person must exist."""
    page: NotRequired[str]
    """Path of the console page that the link opens. '': the first page."""


class SignInLinkOut(TypedDict):
    """A link that signs a person in to the console once."""

    url: str
    """The link. It is only a path if Jobferry has no public address."""
    expires_at: str
    """Until when it can be used."""


class StandingItemOut(TypedDict):
    """An item of the job that can be posted."""

    id: str
    """ServiceTrade's id of the job item, as text."""
    name: str
    """The item's name in ServiceTrade."""
    code: str
    """The item's code in Spectrum."""
    quantity: str | None
    """How many, in the item's unit. Null for an other charge."""
    posted: bool
    """Whether it is known to be in Spectrum."""
    held: bool
    """Whether it waits for an answer."""


class StandingItemsIn(TypedDict):
    """Which items of a job are in Spectrum already, as somebody saw there."""

    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    standing: Literal["all", "none"] | list[str]
    """`all`, `none`, or the ids of the items that are in Spectrum."""
    reason: str
    """What the person saw in Spectrum; the audit keeps it."""


class StandingItemsOut(TypedDict):
    """The items of a job that somebody else sent before."""

    work_order_number: str | None
    """Spectrum's number of the job's work order. Null: it has none."""
    items: list[StandingItemOut]
    """The items that can be posted."""
    held: FindingOut | None
    """Why items wait, and what to do. Null: none waits."""
    declared_at: str | None
    """When somebody last answered. Null: nobody did."""


Step: TypeAlias = Literal["plan", "header", "write_back", "lines", "annotate", "report", "evidence", "done"]
"""The next step of a send. Each may be repeated after a crash without a second effect.

`evidence` comes after the report of a doubt, and only if a plugin reads cost lines in Spectrum.
annotate: Writes the note, the marker and the documents of the work order to Spectrum.
done: Nothing is left to do.
evidence: Reads cost lines in Spectrum, to settle a doubt.
header: Writes the work order to Spectrum.
lines: Posts the items.
plan: Reads the job and works out what to write.
report: Tells the outcome in ServiceTrade.
write_back: Writes the work order's number to the job in ServiceTrade.
"""


class StepOut(TypedDict):
    """One step of a send."""

    name: Step
    """Which step it is. `lines` exists only if the send posts items, `annotate` only if it writes notes."""
    state: StepState
    """How far it is."""
    posted: NotRequired[int | None]
    """How many lines are posted. Null for other steps than `lines`."""
    total: NotRequired[int | None]
    """How many lines there are. Null for other steps than `lines`."""


StepState: TypeAlias = Literal["done", "doing", "waiting", "skipped"]
"""How far one step of a send is.
doing: Under way, or next.
done: Done.
skipped: Not done any more: the send ended before this step, because it was cancelled, replaced or done by
hand.
waiting: Not begun.
"""


class SuggestedRecordOut(TypedDict):
    """A record of ServiceTrade without a code, and the codes that it may have."""

    kind: AliasKind
    """What the record is on the work order. Customers are companies in ServiceTrade, sites are locations."""
    servicetrade_id: str
    """ServiceTrade's id of the company, location or contract: digits, as text."""
    name: str
    """The record's name in ServiceTrade, for people. '' if nobody gave it."""
    street: str
    """Street in ServiceTrade. Empty: not known."""
    city: str
    """Town in ServiceTrade. Empty: not known."""
    state: str
    """State in ServiceTrade. Empty: not known."""
    postal_code: str
    """Postal code in ServiceTrade. Empty: not known."""
    phone: str
    """Phone in ServiceTrade. Empty: not known."""
    decision: RecordState
    """Whether somebody has decided about it."""
    grade: Grade | None
    """What the comparison found. Null: it was not compared yet."""
    code: str | None
    """The code that is ticked, confirmed or set. Null: none."""
    place: Target | None
    """Where the confirmed code goes. Null: none is confirmed."""
    decided_by: str | None
    """Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address,
    or the part of Jobferry that acted by itself.
    """
    trouble: str
    """Why its confirmed code was not set, in a sentence. Empty: nothing went wrong."""
    version: int
    """Grows when what is shown here changes. Name it to confirm a code."""
    suggestions: list[SuggestionOut]
    """The best first, at most five."""


class SuggestionOut(TypedDict):
    """A code that the record may have, with what Spectrum's list tells of it now."""

    code: str
    """The record's code in Spectrum, in capital letters as Spectrum keeps it."""
    name: str
    """Its name in Spectrum when it was suggested."""
    score: int
    """How much speaks for it, from 0 to 100."""
    reasons: list[str]
    """Why it is suggested, in words, the strongest reason first."""
    clear: bool
    """Whether nothing speaks against it and no other candidate is near."""
    listed: bool
    """Whether the list still has it."""
    active: bool | None
    """Whether it is active in Spectrum. Null: nobody knows."""
    street: str
    """Street in Spectrum. Empty: not known."""
    city: str
    """Town in Spectrum. Empty: not known."""
    state: str
    """State in Spectrum. Empty: not known."""
    postal_code: str
    """Postal code in Spectrum. Empty: not known."""
    phone: str
    """Phone in Spectrum. Empty: not known."""


class SumsOut(TypedDict):
    """Net figures of cost lines. Stock items have no cost here, because they take it from Spectrum's inventory."""

    posted_quantity: str
    """Net pieces of materials that stand in Spectrum by our account."""
    posted_amount: str
    """Net cost of charges and non-stock items that stand there, in the company's currency."""
    open_quantity: str
    """Pieces that ServiceTrade has more; negative: fewer."""
    open_amount: str
    """Cost that ServiceTrade has more; negative: less."""


class TallyOut(TypedDict):
    """How many jobs wait for one thing."""

    jobs: int
    """How many jobs wait: the number to show to people. A job with three failed sends is one job."""
    sends: int
    """How many sends of these jobs wait."""
    items: int
    """How many items may be in Spectrum or not."""


Target: TypeAlias = Literal["servicetrade", "alias"]
"""Where the codes go.
alias: Into Jobferry, as aliases. Several records may have the same code..
servicetrade: Into ServiceTrade, as external ids. ServiceTrade accepts each code only once..
"""


TasksMode: TypeAlias = Literal["none", "new_only", "again"]
"""Which services of a job are sent as work order tasks, on a connection that sends tasks. They go with the
items of
a completed job, and never without.
again: All services again, which makes a second set of tasks in Spectrum.
new_only: Services that have no task yet.
none: No tasks in this send.
"""


class TasksProgressOut(TypedDict):
    """How many work order tasks of a send are in Spectrum."""

    mark: Mark
    """How far the tasks are as a whole."""
    posted: int
    """How many tasks are in Spectrum."""
    total: int
    """How many tasks the send adds."""
    to_check: int
    """For how many tasks a person has to look in Spectrum."""


class TenantIn(TypedDict):
    """A new tenant: one ServiceTrade account."""

    name: str
    """Name. The company's name. Allowed: give a name of 1 to 80 characters."""
    time_zone: NotRequired[str | None]
    """Time zone. The IANA name, such as America/Chicago. The console shows all times in it, and days begin and
    end by it. Empty: that of the user who signs in to ServiceTrade, if ServiceTrade names one; until one is
    known, UTC. Allowed: an IANA time zone such as America/Chicago, or UTC.
    """
    plugin_defaults: NotRequired[dict[str, dict[str, JsonValue]]]
    """Plugin defaults. By plugin name: its configuration on connections that set nothing else."""
    slug: str
    """Short name for addresses and programs: lower-case letters, digits and hyphens. It cannot be changed later."""
    servicetrade: ServiceTradeIn
    """Its ServiceTrade account. The login is tested before anything is stored."""


class TenantKeyIn(TypedDict):
    """A new key of a tenant. It works only for that tenant, and only for the calls that its scopes allow."""

    name: str
    """Who uses it, for people and for the audit."""
    expires_at: NotRequired[str | None]
    """When the key ends, in UTC. Null: never."""
    scopes: list[Scope]
    """What it may do. The calling key must have each of these scopes itself."""


class TenantOut(TypedDict):
    """A tenant: one ServiceTrade account, without its login."""

    name: str
    """Name. The company's name. Allowed: give a name of 1 to 80 characters."""
    time_zone: str | None
    """Time zone. The IANA name, such as America/Chicago. The console shows all times in it, and days begin and
    end by it. Empty: that of the user who signs in to ServiceTrade, if ServiceTrade names one; until one is
    known, UTC. Allowed: an IANA time zone such as America/Chicago, or UTC.
    """
    plugin_defaults: dict[str, dict[str, JsonValue]]
    """Plugin defaults. By plugin name: its configuration on connections that set nothing else."""
    id: str
    """Id of the tenant, given by Jobferry. Calls name it by its `slug`."""
    slug: str
    """Short name of the tenant. It stands in addresses and never changes."""
    servicetrade: ServiceTradeOut
    """How Jobferry reaches ServiceTrade. The login is never shown."""
    paused: bool
    """Whether somebody has paused it: all its sends wait."""
    created_at: str | None
    """When it was added."""


class TenantPatch(TypedDict):
    """A merge patch: what is not named stays, null goes back to the default. `servicetrade` null changes
    nothing.
    """

    name: NotRequired[str | None]
    """Name. The company's name. Allowed: give a name of 1 to 80 characters."""
    time_zone: NotRequired[str | None]
    """Time zone. The IANA name, such as America/Chicago. The console shows all times in it, and days begin and
    end by it. Empty: that of the user who signs in to ServiceTrade, if ServiceTrade names one; until one is
    known, UTC. Allowed: an IANA time zone such as America/Chicago, or UTC.
    """
    plugin_defaults: NotRequired[dict[str, dict[str, JsonValue] | None] | None]
    """By plugin name: its configuration on connections that set nothing else. null for a plugin removes its
    configuration, null instead of the object removes all.
    """
    servicetrade: NotRequired[ServiceTradePatch | None]
    """The address, or a new login."""


class TrialEvent(TypedDict):
    """A test that somebody requested."""

    type: Literal["endpoint.test"]
    """Always `endpoint.test`."""
    timestamp: str
    """When the test was requested."""
    data: TrialEventData
    """Which endpoint was tested."""


class TrialEventData(TypedDict):
    """What a test event is about."""

    endpoint_id: str
    """Id of the webhook endpoint that was tested."""


class UnclearAnnotationOut(TypedDict):
    """A text that was or was not added to a note, or a document that is or is not in Spectrum, with all that
    helps to find out.
    """

    id: str
    """The id with which it is settled."""
    kind: AnnotationKind
    """What it is."""
    state: AnnotationState
    """`unclear` until somebody has looked."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    work_order_number: str | None
    """The number of the work order. Null: it is not known which one."""
    send_id: str | None
    """The send that called Spectrum, or that found it unclear. Null: the items of the job were declared before
    any send.
    """
    place: str
    """The note topic, or the id of the attachment in ServiceTrade."""
    text: str
    """The text that was to be added, or the name of the document."""
    begun_at: str | None
    """When Spectrum was called, or when it was found unclear."""
    quiet_until: str | None
    """Before this moment only `there` is accepted, because Spectrum may still add it. Null: both are."""
    holds_others: bool
    """Whether the connection adds nothing of this kind until this one is settled, because the server did not let
    its call through.
    """
    where_to_look: str
    """Where in Spectrum to look, with the names of its menus."""


UnlistedCodes: TypeAlias = Literal["stop", "warn"]
"""What a code does that a whole and fresh list of Spectrum's lacks or has as inactive.
stop: The send stops before Spectrum is asked.
warn: The preview warns, and Spectrum decides.
"""


class UpcomingJobOut(TypedDict):
    """A job that is still to be done."""

    job_id: str
    """ServiceTrade's id of the job, as text: the number in the job's address there."""
    number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    date: str | None
    """When it is scheduled. Null: ServiceTrade does not say."""


class VerdictIn(TypedDict):
    """What somebody saw in Spectrum."""

    outcome: Literal["posted", "not_posted"]
    """`posted`: the line is in Spectrum. `not_posted`: it is not, and the send posts it."""
    reason: str
    """What the person saw in Spectrum; the audit keeps it."""


Waiting: TypeAlias = Literal["needs_attention", "in_doubt", "retrying", "stopped"]
"""Who or what a job waits for. It follows from the state of its sends, never from the cause of a failure.

A job with three failed sends is one job. A job whose sends wait for different things is counted in each
group.
in_doubt: A person has to look in Spectrum, because the outcome of a send or of an item is unknown..
needs_attention: A send failed: a person has to fix the cause..
retrying: Jobferry tries again by itself, and nothing stops it..
stopped: It would be tried again, but its connection or account is paused, or held until a person acts..
"""


class WarningOut(TypedDict):
    """Something that needs somebody's attention until a later success or a person ends it."""

    id: str
    """Id of the warning, given by Jobferry."""
    job_id: str | None
    """ServiceTrade's id of the job. Null if a whole connection needs attention."""
    job_number: str | None
    """The job number that people see in ServiceTrade. Null while Jobferry has not read the job."""
    connection: str
    """Short name of the connection, chosen when it was added. It stands in addresses and never changes."""
    send_id: str | None
    """The send that it is about. Null if a whole connection needs attention."""
    work_order_number: str | None
    """Spectrum's number of the work order. Null if none is known."""
    raised_at: str
    """When it was raised."""
    finding: FindingOut
    """What needs attention, and what to do."""
    outcome: str | None
    """What became of the send: the `sentence` of its `progress`. Null without a send."""


class WebhookEndpointIn(TypedDict):
    """The address of a program that receives events."""

    url: str
    """Address that Jobferry posts to: https, and reachable from Jobferry."""
    events: NotRequired[list[EventType]]
    """Which events it receives. Empty: all, also those of future versions."""
    description: NotRequired[str]
    """What it is, for people."""


class WebhookEndpointOut(TypedDict):
    """The address of a program that receives events, and whether they arrive."""

    id: str
    """Id of the endpoint, given by Jobferry."""
    url: str
    """Address that Jobferry posts to. Keys without the scope `manage` see it without its query."""
    events: list[EventType]
    """Which events it receives. Empty: all."""
    description: str
    """What it is, for people. '' if nobody wrote it."""
    paused: bool
    """Whether events wait."""
    paused_reason: str
    """Why Jobferry paused it. '' if it is not paused, or if a person paused it."""
    failing_since: str | None
    """Time of the first failed try after the last success. Null: the last try succeeded."""
    created_at: str
    """When it was added."""


class WebhookEndpointPatch(TypedDict):
    """Changes of a webhook endpoint. Fields that are left out or null do not change."""

    url: NotRequired[str | None]
    """A new address to post to."""
    events: NotRequired[list[EventType] | None]
    """Which events it receives from now on. Empty: all."""
    description: NotRequired[str | None]
    """What it is, for people."""
    paused: NotRequired[bool | None]
    """True: events wait. False: it receives them again, also those that waited."""


class WebhookEndpointWithSecret(TypedDict):
    """A webhook endpoint with its signing secret."""

    id: str
    """Id of the endpoint, given by Jobferry."""
    url: str
    """Address that Jobferry posts to. Keys without the scope `manage` see it without its query."""
    events: list[EventType]
    """Which events it receives. Empty: all."""
    description: str
    """What it is, for people. '' if nobody wrote it."""
    paused: bool
    """Whether events wait."""
    paused_reason: str
    """Why Jobferry paused it. '' if it is not paused, or if a person paused it."""
    failing_since: str | None
    """Time of the first failed try after the last success. Null: the last try succeeded."""
    created_at: str
    """When it was added."""
    secret: str
    """Secret that signs each event, as Standard Webhooks describes. Only this answer contains it."""


class WebhookOut(TypedDict):
    """ServiceTrade's webhook, which reports completed jobs at once."""

    on: bool
    """Whether it is enabled in ServiceTrade and reports changes to Jobferry."""
    webhook_id: str | None
    """ServiceTrade's id of the webhook. Null: there is none."""
    since: str | None
    """When Jobferry registered it. Null: there is none."""


Which: TypeAlias = Literal[
    "differs",
    "accounted",
    "uncompared",
    "all",
    "doubled",
    "unclear",
    "missing",
    "drifted",
    "never_asked",
    "waiting",
    "unreadable",
]
"""Which jobs of a reconciliation.
accounted: Those without a difference..
all: All of them..
differs: Those with any kind of difference..
doubled: Those with an item that stands twice, or with two work orders in one Spectrum company..
drifted: Those that differ from what was sent..
missing: Those that were never sent, or whose last send failed..
never_asked: Those with items that nobody chose to post..
unclear: Those of which it is not known what stands in Spectrum..
uncompared: Those of which a part could not be compared, with or without a difference..
unreadable: Those that could not be read or planned..
waiting: Those with a send that waits or runs..
"""


class WorkOrderOut(TypedDict):
    """The work order of a job."""

    number: str | None
    """Spectrum's number of it. Null until Spectrum may have accepted it."""
    sent_at: str | None
    """When the job was last sent. Null: never."""


class WrittenAnnotationOut(TypedDict):
    """A note, a marker or a document of a send, and how far it is."""

    kind: AnnotationKind
    """What it is."""
    place: str
    """The note topic, the user-defined field, or the id of the attachment in ServiceTrade."""
    text: str
    """The text as this send writes it, or the document's name."""
    state: AnnotationState
    """How far it is."""
    reference: str | None
    """The id under which Spectrum keeps the document. Null: it is no document, or Spectrum has told no id."""


class WrongCellOut(TypedDict):
    """One error in the file of an import."""

    line: int
    """Line of the file, from 1; the heading is line 1."""
    column: str
    """Heading of the column. '' if the whole row or the file is wrong."""
    detail: str
    """What a right value would be."""


class WrongRowOut(TypedDict):
    """A row that cannot be read."""

    line: int
    """Line of the file on which the row begins; the first line is 1."""
    column: str
    """Heading of the wrong column. '': the whole file."""
    detail: str
    """What is wrong with it."""
