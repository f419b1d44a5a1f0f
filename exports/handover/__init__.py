"""受け渡し: what a closed network (LGWAN) comes and takes, application by application, and acknowledges."""
