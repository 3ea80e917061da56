"""Editions: published leaderboards."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('as_of', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('published_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('corrects', sa.Integer(), nullable=True),
    sa.Column('because', sa.Text(), nullable=False),
    sa.Column('method', sa.JSON(), nullable=False),
    sa.Column('leaderboard', sa.LargeBinary(), nullable=False),
    sa.Column('leaderboard_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('data_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_edition_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition')),
    sa.UniqueConstraint('campaign_id', 'number', name=op.f('uq_edition_campaign_id_number'))
    )


def downgrade() -> None:
    op.drop_table('edition')
