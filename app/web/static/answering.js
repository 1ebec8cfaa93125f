/* An extra: the form works without it. Keeps a draft in this tab until the receipt is there,
   counts the seconds of a section, opens the reasons of a grade, stops a second tap, and
   leads Back from a receipt to the receipt. Old browsers: ES5. */
(function (d) {
  var f = d.getElementById('f'), key = 'd' + location.pathname, since = +new Date(), seen = {}, at, once, sent;
  function each(list, act) { for (var i = 0; i < list.length; i++) act(list[i]); }
  function get(k) { try { return sessionStorage.getItem(k) || ''; } catch (x) { return ''; } }
  function put(k, v) { try { sessionStorage.setItem(k, v); } catch (x) { return; } }
  if (!f) {
    // A receipt: nothing stays of what was answered.
    key = get('o') ? get('o') + ' ' + location.pathname + location.search : get('r');
    try { sessionStorage.clear(); } catch (x) { return; }
    if (key) put('r', key);
    return;
  }
  once = f.elements.once;
  if (!location.hash.indexOf('#t=') && f.elements.token) {
    // A one-time right stands behind the #, so that no log has it; the address forgets it.
    f.elements.token.value = location.hash.slice(3);
    d.getElementById('token-f').hidden = true;
    if (history.replaceState) history.replaceState(null, '', location.pathname + location.search);
    save();
  }
  function save() {
    var a = [];
    if (f.elements.mode.value === 'kiosk') return;
    each(f.elements, function (e) {
      if (!e.name.indexOf('q-') && e.type !== 'hidden' && (e.type === 'textarea' ? e.value : e.checked)) a.push([e.name, e.value]);
    });
    put(key, JSON.stringify([once.value, a, f.elements.token ? f.elements.token.value : '']));
  }
  function load() {
    var was = JSON.parse(get(key) || '0'), n = window.performance && performance.navigation;
    // Only a reload or Back: a new visit may be the next person's.
    if (!was || !n || !n.type || f.elements.mode.value !== 'page') return;
    once.value = was[0];
    if (was[2] && f.elements.token) f.elements.token.value = was[2];
    each(was[1], function (p) {
      each(d.getElementsByName(p[0]), function (e) {
        if (e.type === 'textarea') e.value = p[1];
        else if (e.value === p[1]) e.checked = true;
      });
    });
  }
  function reasons() {
    each(d.querySelectorAll('[data-if]'), function (b) {
      var c = f.querySelector('[name="q-' + b.getAttribute('data-if') + '"]:checked');
      b.open = !!c && (' ' + b.getAttribute('data-in') + ' ').indexOf(' ' + c.value + ' ') >= 0;
      b.hidden = !b.open;
    });
  }
  function count() {
    var n = +new Date();
    if (at) seen[at] = (seen[at] || 0) + n - since;
    since = n;
  }
  function back() {
    var r = get('r').split(' ');
    sent = 0;
    if (r[0] === once.value) { f.hidden = true; location.replace(r[1]); }
  }
  f.addEventListener('focusin', function (e) {
    var s = e.target;
    while (s !== f && !s.getAttribute('data-s')) s = s.parentNode;
    count();
    if (s !== f) at = s.getAttribute('data-s');
  });
  function begin() {
    // A count and nothing else: somebody has begun to answer here.
    if (begin.done || !navigator.sendBeacon) return;
    begin.done = navigator.sendBeacon(f.getAttribute('action').split('?')[0] + '/started');
  }
  f.addEventListener('change', function () { begin(); reasons(); save(); });
  f.addEventListener('input', save);
  f.addEventListener('submit', function (e) {
    if (sent) { e.preventDefault(); return; }
    sent = 1;
    setTimeout(function () { sent = 0; }, 4000);
    count();
    for (var s in seen) {
      var h = f.elements['t-' + s] || f.appendChild(d.createElement('input'));
      h.type = 'hidden';
      h.name = 't-' + s;
      h.value = Math.round((+h.value || 0) + seen[s] / 1000);
      seen[s] = 0;
    }
    put('o', once.value);
  });
  addEventListener('pageshow', back);
  at = d.querySelector('[data-s]').getAttribute('data-s');
  load();
  back();
  reasons();
  if (d.getElementById('es')) d.getElementById('es').focus();
})(document);
