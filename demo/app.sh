#!/bin/sh
# The program of every workload of the demo: it listens, it may need others, and it says whom it misses.
#   app serve             answers on $PORT
#   app ready NAME …      succeeds when it answers itself, and so do the addresses in the variables NAME …
#   app work NAME …       asks the addresses in the variables NAME … for ever
#   app job SECONDS TEXT  ends well after a while
answers() {
  timeout 3 wget -q -O /dev/null "http://${1#http://}/"
}

command=$1
shift
case $command in
  serve)
    mkdir -p /srv/www
    echo ok >/srv/www/index.html
    httpd -f -p "${PORT:-8080}" -h /srv/www &
    trap 'kill $!; exit 0' TERM
    wait $!
    ;;
  ready)
    answers "127.0.0.1:${PORT:-8080}" || exit 1
    for name; do
      eval "address=\$$name"
      answers "$address" || { echo "$address ($name) does not answer"; exit 1; }
    done
    ;;
  work)
    trap 'exit 0' TERM
    while :; do
      for name; do
        eval "address=\$$name"
        answers "$address" || echo "$address ($name) does not answer"
      done
      sleep 5 & wait $!
    done
    ;;
  job)
    sleep "$1"
    shift
    echo "$*"
    ;;
esac
