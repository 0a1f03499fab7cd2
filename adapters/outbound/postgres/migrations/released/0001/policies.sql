-- Row-level security of 0.1.0.

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON api_keys
    USING (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on')
    WITH CHECK (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on');
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE closed_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE closed_days FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON closed_days
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON connections
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE due_work ENABLE ROW LEVEL SECURITY;
ALTER TABLE due_work FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON due_work
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE hints ENABLE ROW LEVEL SECURITY;
ALTER TABLE hints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON hints
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON idempotency_keys
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
ALTER TABLE people FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON people
    USING (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on')
    WITH CHECK (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on');
ALTER TABLE servicetrade_webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicetrade_webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON servicetrade_webhooks
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE tenant_watch ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_watch FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON tenant_watch
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE warnings ENABLE ROW LEVEL SECURITY;
ALTER TABLE warnings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON warnings
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON webhook_endpoints
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE work_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON work_orders
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE alias_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE alias_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON alias_history
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE aliases ENABLE ROW LEVEL SECURITY;
ALTER TABLE aliases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON aliases
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE completions ENABLE ROW LEVEL SECURITY;
ALTER TABLE completions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON completions
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE console_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE console_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON console_sessions
    USING (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on')
    WITH CHECK (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on');
ALTER TABLE cost_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE cost_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON cost_lines
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE recipients ENABLE ROW LEVEL SECURITY;
ALTER TABLE recipients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON recipients
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE sends ENABLE ROW LEVEL SECURITY;
ALTER TABLE sends FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON sends
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE sign_in_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON sign_in_links
    USING (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on')
    WITH CHECK (tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on');
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON webhook_deliveries
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON attempts
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE batch_sends ENABLE ROW LEVEL SECURITY;
ALTER TABLE batch_sends FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON batch_sends
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON notices
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE notification_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON notification_messages
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE send_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE send_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON send_plans
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON tenants
    USING (id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on')
    WITH CHECK (id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on');
ALTER TABLE operator_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE operator_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY operator_only ON operator_audit
    USING (current_setting('app.operator', true) = 'on')
    WITH CHECK (current_setting('app.operator', true) = 'on');
CREATE POLICY read_by_all ON due_work FOR SELECT
    USING (true);
CREATE POLICY read_by_operator ON servicetrade_webhooks FOR SELECT
    USING (current_setting('app.operator', true) = 'on');
CREATE POLICY counted ON sends FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
CREATE POLICY counted ON cost_lines FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
CREATE POLICY counted ON connections FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
CREATE POLICY counted ON tenants FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
CREATE POLICY backed_up ON api_keys FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON audit FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON closed_days FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON connections FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON due_work FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON hints FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON idempotency_keys FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON people FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON servicetrade_webhooks FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON tenant_watch FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON warnings FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON webhook_endpoints FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON work_orders FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON alias_history FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON aliases FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON completions FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON console_sessions FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON cost_lines FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON recipients FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON sends FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON sign_in_links FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON webhook_deliveries FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON attempts FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON batch_sends FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON notices FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON notification_messages FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON send_plans FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON tenants FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
CREATE POLICY backed_up ON operator_audit FOR SELECT
    USING (current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none');
