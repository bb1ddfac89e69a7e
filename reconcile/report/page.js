(function () {
  'use strict';
  /* Rows in sync are folded before they are laid out, where a script can unfold them. */
  document.documentElement.className = 'js';
  document.addEventListener('DOMContentLoaded', function () {

  /* --- dates: local, and how long ago; the UTC text stays as a title --- */
  var day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
  var minute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  var units = [['day', 86400], ['hour', 3600], ['minute', 60]];
  var relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  function ago(date) {
    var seconds = (date - Date.now()) / 1000;
    for (var i = 0; i < units.length; i++)
      if (Math.abs(seconds) >= units[i][1])
        return relative.format(Math.round(seconds / units[i][1]), units[i][0]);
    return relative.format(0, 'minute');
  }
  function localize(time) {
    var date = new Date(time.dateTime);
    if (isNaN(date)) return;
    time.title = (time.className === 'ago' ? minute.format(date) + ', ' : '') + time.textContent;
    time.textContent = time.className === 'ago' ? ago(date) :
      (time.className === 'day' ? day : minute).format(date);
  }
  var times = Array.from(document.getElementsByTagName('time'));
  (function some() {
    times.splice(0, 2000).forEach(localize);
    if (times.length) setTimeout(some, 0);
  })();

  /*
   * --- the table ---
   * One pass over the rows for each change, their text read once: 5,000 rows are filtered in a few
   * milliseconds. The filters are in the address after `#`, so that a tile is a link and a view can
   * be sent to another person. Rows in sync are folded until a filter or the button asks for them.
   */
  var form = document.getElementById('filters');
  var table = document.getElementById('sync-table');
  if (!form || !table) return;
  var controls = form.elements;
  var shown = document.getElementById('shown');
  var none = document.getElementById('none');
  var folded = document.getElementById('folded');
  var unfold = document.getElementById('unfold');
  var keys = ['status', 'company', 'account', 'label'];
  var isUnfolded = false;
  var rows = Array.from(table.tBodies[0].rows, function (row) {
    var data = row.dataset;
    return { row: row, status: data.status.split(' '), company: [data.company],
      account: [data.account], label: (data.label || '').split('\n'),
      text: row.textContent.toLowerCase(),
      differs: data.status !== 'in-sync', isShown: true };
  });
  function count(number) { return number.toLocaleString('en'); }
  function addOptions(key) {
    var counts = new Map();
    rows.forEach(function (entry) {
      entry[key].filter(Boolean).forEach(function (value) {
        counts.set(value, (counts.get(value) || 0) + 1);
      });
    });
    var values = Array.from(counts.keys());
    if (key !== 'status') values.sort();
    values.forEach(function (value) {
      var option = document.createElement('option');
      option.value = value;
      option.textContent = (key === 'status' ? value.replace('-', ' ') : value) +
        ' (' + count(counts.get(value)) + ')';
      controls[key].append(option);
    });
    if (key !== 'status' && values.length < (key === 'label' ? 1 : 2)) controls[key].parentElement.hidden = true;
  }
  function filter() {
    var words = controls.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = keys.map(function (key) { return controls[key].value; });
    var folds = !isUnfolded && !words.length && !wanted.some(Boolean) &&
      rows.some(function (entry) { return entry.differs; });
    var fitting = 0, folding = 0;
    rows.forEach(function (entry) {
      var fits = keys.every(function (key, i) {
        if (!wanted[i]) return true;
        if (key === 'status' && wanted[i] === 'differences') return entry.differs;
        return entry[key].includes(wanted[i]);
      }) && words.every(function (word) { return entry.text.includes(word); });
      entry.isShown = fits;
      if (entry.row.hidden === fits) entry.row.hidden = !fits;
      if (fits && folds && !entry.differs) folding++;
      else if (fits) fitting++;
    });
    table.classList.toggle('folded', folds);
    none.hidden = fitting + folding > 0;
    folded.hidden = !folding;
    unfold.textContent = 'Show ' + count(folding) + ' in sync';
    shown.textContent = 'Showing ' + count(fitting) + ' of ' + count(rows.length) + ' syncs';
  }
  function writeHash() {
    var hash = new URLSearchParams();
    keys.concat('search').forEach(function (key) {
      if (controls[key].value) hash.set(key, controls[key].value);
    });
    /* a sandboxed frame throws */
    try { history.replaceState(null, '', '#' + hash); } catch (error) {}
  }
  function readHash() {
    if (!location.hash.includes('=')) return false;
    var hash = new URLSearchParams(location.hash.slice(1));
    keys.concat('search').forEach(function (key) {
      controls[key].value = hash.get(key) || '';
      if (controls[key].selectedIndex < 0) controls[key].value = '';
    });
    return true;
  }
  function change() {
    filter();
    writeHash();
  }
  var timer = 0;
  form.addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(change, 120);
  });
  form.addEventListener('change', change);
  form.addEventListener('reset', function () { isUnfolded = false; setTimeout(change, 0); });
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  unfold.addEventListener('click', function () { isUnfolded = true; filter(); });
  function follow() {
    if (!readHash()) return;
    filter();
    document.getElementById('syncs').scrollIntoView();
  }
  window.addEventListener('hashchange', follow);
  window.addEventListener('beforeprint', function () { isUnfolded = true; filter(); });

  /* --- sorting: by what a cell says; a time by its instant --- */
  var headings = Array.from(table.tHead.rows[0].cells);
  function keyOf(row, column) {
    var time = row.cells[column].querySelector('time.ago');
    return time ? time.dateTime : row.cells[column].textContent;
  }
  function sort(column) {
    var heading = headings[column];
    var sign = heading.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
    var sorted = rows.map(function (entry) { return [keyOf(entry.row, column), entry]; });
    sorted.sort(function (a, b) { return sign * (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0); });
    rows = sorted.map(function (pair) { return pair[1]; });
    headings.forEach(function (other) { other.removeAttribute('aria-sort'); });
    heading.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
    var all = document.createDocumentFragment();
    rows.forEach(function (entry) { all.append(entry.row); });
    table.tBodies[0].append(all);
  }
  headings.forEach(function (heading, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = heading.textContent;
    heading.textContent = '';
    heading.append(button);
    button.addEventListener('click', function () { sort(column); });
  });

  /* --- the rows that fit the filters, as CSV on the clipboard --- */
  var csv = document.getElementById('csv');
  function toCell(text) {
    text = text.replace(/\s+/g, ' ').trim();
    if (/^[=+@-]/.test(text)) text = "'" + text;
    return /[",]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function toCsv() {
    var lines = [headings.map(function (heading) { return toCell(heading.textContent); })];
    rows.forEach(function (entry) {
      if (!entry.isShown) return;
      lines.push(Array.from(entry.row.cells, function (cell) {
        var parts = [];
        cell.querySelectorAll('.badge,.new,bdi,li,code,span,time').forEach(function (node) {
          if (!node.querySelector('bdi,code,time')) parts.push(node.textContent);
        });
        return toCell(parts.length ? parts.join('; ') : cell.textContent);
      }));
    });
    return lines.map(function (line) { return line.join(','); }).join('\r\n') + '\r\n';
  }
  function copied() {
    csv.textContent = 'Copied';
    setTimeout(function () { csv.textContent = 'Copy as CSV'; }, 2000);
  }
  function copyOldWay(text) {
    var area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    if (document.execCommand('copy')) copied();
    area.remove();
  }
  csv.addEventListener('click', function () {
    var text = toCsv();
    if (!navigator.clipboard) { copyOldWay(text); return; }
    navigator.clipboard.writeText(text).then(copied, function () { copyOldWay(text); });
  });

  keys.forEach(addOptions);
  if (rows.some(function (entry) { return entry.status.includes(form.dataset.on); }))
    controls.status.value = form.dataset.on;
  form.hidden = false;
  filter();
  follow();
  });
})();
