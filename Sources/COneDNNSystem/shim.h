/* Links oneDNN; see COneDNN for the calls. */
