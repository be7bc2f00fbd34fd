"""The job of `lstmcli impute`: gaps between observed values filled, and the table written as it stands.

options  what is asked for
opening  the table, the networks of both sides
places   which rows of the file the gaps of a panel are, and what is left empty
output   the table with what was filled, in every form
job      all of it
"""
