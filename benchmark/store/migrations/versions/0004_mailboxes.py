"""Mailboxes: their log-ins, rates and state."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('domain', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_account')),
    sa.UniqueConstraint('name', name=op.f('uq_mail_account_name'))
    )
    with op.batch_alter_table('mail_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_account_domain'), ['domain'], unique=False)

    op.create_table('receiving_host',
    sa.Column('domain', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('host', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('looked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('domain', name=op.f('pk_receiving_host'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('host', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))
        batch_op.create_index('ix_attempt_host_claimed_at', ['host', 'claimed_at'], unique=False)
        batch_op.create_index('ix_attempt_mailbox_claimed_at', ['mailbox', 'claimed_at'], unique=False)

    with op.batch_alter_table('mailbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('looked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('error_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('next_try_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))



def downgrade() -> None:
    with op.batch_alter_table('mailbox', schema=None) as batch_op:
        batch_op.drop_column('way')
        batch_op.drop_column('next_try_at')
        batch_op.drop_column('error_at')
        batch_op.drop_column('looked_at')

    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_attempt_mailbox_claimed_at')
        batch_op.drop_index('ix_attempt_host_claimed_at')
        batch_op.drop_column('host')
        batch_op.drop_column('mailbox')

    op.drop_table('receiving_host')
    with op.batch_alter_table('mail_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_account_domain'))

    op.drop_table('mail_account')
