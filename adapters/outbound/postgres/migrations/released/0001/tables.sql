-- The tables and indexes of 0.1.0.

CREATE TABLE number_claims (
    key BYTEA NOT NULL,
    owner BYTEA NOT NULL,
    accepted BOOLEAN DEFAULT false NOT NULL,
    former BYTEA,
    PRIMARY KEY (key)
);

CREATE TABLE account_entries (
    line_id TEXT NOT NULL,
    account BYTEA NOT NULL,
    item BYTEA NOT NULL,
    owner BYTEA NOT NULL,
    stands BOOLEAN NOT NULL,
    PRIMARY KEY (line_id, account)
);

CREATE INDEX account_entries_of_account ON account_entries (account);

CREATE TABLE company_connections (
    owner BYTEA NOT NULL,
    key BYTEA NOT NULL,
    PRIMARY KEY (owner)
);

CREATE INDEX company_connections_of_company ON company_connections (key);

CREATE TABLE tenants (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    slug TEXT NOT NULL,
    settings JSONB NOT NULL,
    login_kind TEXT NOT NULL CHECK (login_kind IN ('password', 'client')),
    login_name TEXT NOT NULL,
    login_secret BYTEA NOT NULL,
    data_key BYTEA NOT NULL,
    paused BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    signed_in_at TIMESTAMP WITH TIME ZONE,
    first_steps_hidden BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (slug)
);

CREATE TABLE operator_audit (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    actor_name TEXT DEFAULT '' NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    detail JSONB NOT NULL,
    PRIMARY KEY (seq)
);

CREATE INDEX operator_audit_by_actor ON operator_audit (actor, seq);

CREATE INDEX operator_audit_by_subject ON operator_audit (subject, seq);

CREATE INDEX operator_audit_by_time ON operator_audit (at);

CREATE INDEX operator_audit_by_action ON operator_audit (action, seq);

CREATE TABLE closed_days (
    tenant_id TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    jobs JSONB NOT NULL,
    PRIMARY KEY (tenant_id, starts_at, ends_at),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE idempotency_keys (
    tenant_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    send_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (tenant_id, created_at);

CREATE TABLE work_orders (
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    number TEXT,
    sent JSONB,
    last_send_id TEXT,
    sent_at TIMESTAMP WITH TIME ZONE,
    failure_reported BOOLEAN NOT NULL,
    claim_owner BYTEA,
    header_until TIMESTAMP WITH TIME ZONE,
    header_epoch BIGINT,
    items_unknown BOOLEAN DEFAULT false NOT NULL,
    items_declared_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (connection_id, job_id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE warnings (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    send_id TEXT NOT NULL,
    finding JSONB NOT NULL,
    code TEXT GENERATED ALWAYS AS (finding ->> 'code') STORED NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    job_number TEXT,
    work_order_number TEXT,
    topic TEXT DEFAULT '' NOT NULL,
    needs JSONB DEFAULT '[]' NOT NULL,
    need_key TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT warnings_once UNIQUE (connection_id, job_id, topic),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX warnings_by_need ON warnings (connection_id, need_key) WHERE need_key <> '';

CREATE INDEX warnings_beside_sends ON warnings (tenant_id, raised_at DESC) WHERE topic <> '';

CREATE INDEX warnings_by_cause ON warnings (tenant_id, code, raised_at DESC, id DESC);

CREATE INDEX warnings_newest ON warnings (tenant_id, raised_at DESC);

CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    url TEXT NOT NULL,
    events JSONB NOT NULL,
    description TEXT NOT NULL,
    paused BOOLEAN NOT NULL,
    paused_reason TEXT NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    secret BYTEA NOT NULL,
    previous_secret BYTEA,
    previous_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX webhook_endpoints_of_tenant ON webhook_endpoints (tenant_id, seq);

CREATE TABLE audit (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    actor_name TEXT DEFAULT '' NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    detail JSONB NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX audit_by_subject ON audit (tenant_id, subject, seq);

CREATE INDEX audit_by_actor ON audit (tenant_id, actor, seq);

CREATE INDEX audit_by_time ON audit (tenant_id, at);

CREATE INDEX audit_by_action ON audit (tenant_id, action, seq);

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    tenant_id TEXT,
    digest BYTEA NOT NULL,
    prefix TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    UNIQUE (digest)
);

CREATE INDEX api_keys_newest ON api_keys (tenant_id, id);

CREATE TABLE people (
    id TEXT NOT NULL,
    tenant_id TEXT,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX people_by_address ON people (email);

CREATE INDEX people_of_tenant ON people (tenant_id, email);

CREATE UNIQUE INDEX people_email ON people (coalesce(tenant_id, ''), email);

CREATE TABLE connections (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    slug TEXT NOT NULL,
    external_system TEXT NOT NULL,
    settings JSONB NOT NULL,
    company BYTEA NOT NULL,
    authorization_id BYTEA NOT NULL,
    client_id TEXT,
    client_secret BYTEA,
    client_secret_expires_at TIMESTAMP WITH TIME ZONE,
    next_client_secret BYTEA,
    next_client_secret_expires_at TIMESTAMP WITH TIME ZONE,
    secret_warned INTEGER,
    secret_claimed_until TIMESTAMP WITH TIME ZONE,
    paused BOOLEAN DEFAULT false NOT NULL,
    hold JSONB,
    plugin_failures INTEGER DEFAULT 0 NOT NULL,
    intents BIGINT DEFAULT 0 NOT NULL,
    last_intent_at TIMESTAMP WITH TIME ZONE,
    items_hold JSONB,
    restored_at TIMESTAMP WITH TIME ZONE,
    endpoint_used BOOLEAN DEFAULT false NOT NULL,
    target_version INTEGER DEFAULT 1 NOT NULL,
    last_write_at TIMESTAMP WITH TIME ZONE,
    last_test JSONB,
    codes_missing JSONB,
    epoch BIGINT DEFAULT 0 NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (tenant_id, slug),
    UNIQUE (tenant_id, external_system),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX connections_oldest ON connections (tenant_id, id);

CREATE INDEX connections_of_company ON connections (tenant_id, company);

CREATE TABLE hints (
    tenant_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (tenant_id, job_id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX hints_due ON hints (tenant_id, due_at);

CREATE TABLE tenant_watch (
    tenant_id TEXT NOT NULL,
    polled_until TIMESTAMP WITH TIME ZONE,
    poll_at TIMESTAMP WITH TIME ZONE,
    poll_failures INTEGER DEFAULT 0 NOT NULL,
    poll_version BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (tenant_id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE servicetrade_webhooks (
    digest BYTEA NOT NULL,
    tenant_id TEXT NOT NULL,
    webhook_id TEXT,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (digest),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE INDEX servicetrade_webhooks_of_tenant ON servicetrade_webhooks (tenant_id);

CREATE TABLE due_work (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    failures INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (kind, subject),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE INDEX due_work_at ON due_work (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE due_turns (
    tenant TEXT NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (tenant),
    FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE recipients (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'teams', 'slack')),
    address TEXT NOT NULL,
    person_id TEXT,
    kinds JSONB NOT NULL,
    digest_hour INTEGER NOT NULL,
    quiet_from INTEGER,
    quiet_until INTEGER,
    paused BOOLEAN DEFAULT false NOT NULL,
    paused_reason TEXT NOT NULL,
    trouble TEXT NOT NULL,
    trouble_at TIMESTAMP WITH TIME ZONE,
    refusals INTEGER DEFAULT 0 NOT NULL,
    digest_at TIMESTAMP WITH TIME ZONE,
    digest_from TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    link_key BYTEA NOT NULL,
    url BYTEA,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    UNIQUE (person_id),
    FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE INDEX recipients_of_tenant ON recipients (tenant_id, seq);

CREATE TABLE sends (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    attempts INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    adopt BOOLEAN NOT NULL,
    expected_hash TEXT,
    items TEXT DEFAULT 'none' NOT NULL,
    completes BOOLEAN DEFAULT false NOT NULL,
    plan_id TEXT,
    header TEXT DEFAULT 'none' NOT NULL CHECK (header IN ('none', 'begun', 'stands')),
    number_written BOOLEAN DEFAULT false NOT NULL,
    waits_for TEXT,
    work_order_number TEXT,
    job_number TEXT,
    customer TEXT,
    job_key TEXT DEFAULT '' NOT NULL,
    work_order_key TEXT DEFAULT '' NOT NULL,
    customer_key TEXT DEFAULT '' NOT NULL,
    findings JSONB NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    requested_by TEXT NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    batch_id TEXT,
    retired BOOLEAN DEFAULT false NOT NULL,
    watched_until TIMESTAMP WITH TIME ZONE,
    cause TEXT GENERATED ALWAYS AS (CASE WHEN (state = ANY (ARRAY['needs_attention'::text, 'in_doubt'::text, 'retrying'::text])) THEN COALESCE((jsonb_path_query_first(findings, '$[*]?(@."severity" == "blocker")'::jsonpath) ->> 'code'::text), ((findings -> 0) ->> 'code'::text), ''::text) ELSE NULL::text END) STORED,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(connection_id) REFERENCES connections (id)
);

CREATE INDEX sends_by_time ON sends (tenant_id, requested_at) INCLUDE (state, job_id);

CREATE INDEX sends_by_customer ON sends (tenant_id, customer_key, connection_id, state, seq DESC) WHERE customer_key <> '';

CREATE INDEX sends_by_state ON sends (tenant_id, state, seq DESC);

CREATE INDEX sends_by_job_number ON sends (tenant_id, job_key, seq) WHERE job_key <> '';

CREATE INDEX sends_of_job ON sends (connection_id, job_id, seq);

CREATE INDEX sends_by_kind ON sends (tenant_id, connection_id, state, seq DESC);

CREATE INDEX sends_to_retire ON sends (tenant_id, finished_at) WHERE NOT retired AND due_at IS NULL AND finished_at IS NOT NULL;

CREATE INDEX sends_waiting ON sends (waits_for) WHERE waits_for IS NOT NULL;

CREATE INDEX sends_to_do ON sends (connection_id, seq) WHERE due_at IS NOT NULL;

CREATE INDEX sends_by_number ON sends (tenant_id, work_order_key, seq) WHERE work_order_key <> '';

CREATE INDEX sends_open ON sends (tenant_id, state, cause, seq DESC) INCLUDE (job_id, connection_id, requested_at, due_at) WHERE cause IS NOT NULL;

CREATE INDEX sends_newest ON sends (tenant_id, seq DESC);

CREATE TABLE cost_lines (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    work_order_number TEXT NOT NULL,
    item_id TEXT NOT NULL,
    item_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    round INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    fields JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'posted', 'rejected', 'in_doubt', 'not_posted')),
    send_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    attempt_id TEXT,
    epoch BIGINT,
    payload_hash TEXT,
    sent_at TIMESTAMP WITH TIME ZONE,
    send_by TIMESTAMP WITH TIME ZONE,
    quiet_until TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    system_key TEXT,
    findings JSONB NOT NULL,
    settled_by TEXT,
    settled_reason TEXT,
    plan_id TEXT DEFAULT '' NOT NULL,
    given_back BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (id),
    CHECK (state NOT IN ('sending', 'in_doubt', 'posted') OR attempt_id IS NOT NULL),
    CONSTRAINT cost_lines_given_back CHECK (NOT given_back OR state IN ('planned', 'rejected', 'not_posted')),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(connection_id) REFERENCES connections (id)
);

CREATE INDEX cost_lines_of_job ON cost_lines (connection_id, job_id);

CREATE INDEX cost_lines_of_send ON cost_lines (send_id, place);

CREATE UNIQUE INDEX cost_lines_place ON cost_lines (connection_id, work_order_number, item_id, round) WHERE NOT given_back;

CREATE INDEX cost_lines_in_doubt ON cost_lines (tenant_id, sent_at) WHERE state = 'in_doubt';

CREATE INDEX cost_lines_unclear ON cost_lines (connection_id, work_order_number) WHERE state IN ('sending', 'in_doubt');

CREATE TABLE webhook_deliveries (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    tries INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    last_try_at TIMESTAMP WITH TIME ZONE,
    status INTEGER,
    detail TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, seq),
    UNIQUE (endpoint_id, event_id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE
);

CREATE INDEX webhook_deliveries_oldest ON webhook_deliveries (endpoint_id, created_at);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, seq) WHERE due_at IS NOT NULL;

CREATE TABLE console_sessions (
    digest BYTEA NOT NULL,
    person_id TEXT NOT NULL,
    tenant_id TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (digest),
    FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE INDEX console_sessions_of_person ON console_sessions (person_id);

CREATE TABLE sign_in_links (
    digest BYTEA NOT NULL,
    person_id TEXT NOT NULL,
    tenant_id TEXT,
    page TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (digest),
    FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);

CREATE TABLE aliases (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'site', 'contract')),
    servicetrade_id TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    set_by TEXT NOT NULL,
    source TEXT DEFAULT 'alias' NOT NULL CHECK (source IN ('alias', 'servicetrade')),
    PRIMARY KEY (id),
    UNIQUE (connection_id, kind, servicetrade_id, source),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
    FOREIGN KEY(connection_id) REFERENCES connections (id) ON DELETE CASCADE
);

CREATE INDEX aliases_newest ON aliases (connection_id, source, seq DESC);

CREATE INDEX codes_newest ON aliases (connection_id, seq DESC);

CREATE TABLE alias_history (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    alias_id TEXT NOT NULL,
    alias_seq BIGINT NOT NULL,
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    servicetrade_id TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    set_by TEXT NOT NULL,
    source TEXT DEFAULT 'alias' NOT NULL CHECK (source IN ('alias', 'servicetrade')),
    ended TEXT NOT NULL CHECK (ended IN ('replaced', 'removed')),
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_by TEXT NOT NULL,
    PRIMARY KEY (seq),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
    FOREIGN KEY(connection_id) REFERENCES connections (id) ON DELETE CASCADE
);

CREATE INDEX alias_history_of_record ON alias_history (connection_id, kind, servicetrade_id, seq DESC);

CREATE INDEX alias_history_of_alias ON alias_history (alias_id);

CREATE TABLE completions (
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    completed_on TIMESTAMP WITH TIME ZONE,
    reopened BOOLEAN DEFAULT false NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(connection_id) REFERENCES connections (id)
);

CREATE INDEX completions_by_time ON completions (tenant_id, completed_on);

CREATE UNIQUE INDEX completions_once ON completions (connection_id, job_id, coalesce(completed_on, '-infinity'::timestamptz));

CREATE INDEX completions_of_job ON completions (tenant_id, job_id);

CREATE TABLE notices (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    job_id TEXT NOT NULL,
    job TEXT NOT NULL,
    send_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    ready_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (recipient_id, seq),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(recipient_id) REFERENCES recipients (id) ON DELETE CASCADE
);

CREATE INDEX notices_of_cause ON notices (recipient_id, cause, seq);

CREATE TABLE notification_messages (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    content JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    tries INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    last_try_at TIMESTAMP WITH TIME ZONE,
    detail TEXT NOT NULL,
    PRIMARY KEY (recipient_id, seq),
    UNIQUE (recipient_id, id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(recipient_id) REFERENCES recipients (id) ON DELETE CASCADE
);

CREATE INDEX notification_messages_of_cause ON notification_messages (recipient_id, cause, created_at);

CREATE INDEX notification_messages_due ON notification_messages (recipient_id, due_at, seq) WHERE due_at IS NOT NULL;

CREATE INDEX notification_messages_oldest ON notification_messages (recipient_id, created_at);

CREATE TABLE send_plans (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    send_id TEXT NOT NULL,
    plan JSONB NOT NULL,
    lines INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE
);

CREATE INDEX send_plans_of_send ON send_plans (send_id);

CREATE TABLE batch_sends (
    tenant_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    send_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, send_id),
    FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE
);

CREATE INDEX batch_sends_of_send ON batch_sends (send_id);

CREATE TABLE attempts (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id TEXT NOT NULL,
    send_id TEXT NOT NULL,
    step TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    line_id TEXT,
    PRIMARY KEY (send_id, seq),
    FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    FOREIGN KEY(send_id) REFERENCES sends (id)
);

CREATE INDEX attempts_by_time ON attempts (tenant_id, started_at);
