/* An extra: the form works without it. Keeps a draft in this tab, counts seconds a section,
   opens the reasons that belong to a grade, and stops a second tap. Old browsers: ES5. */
(function () {
  var f = document.getElementById('f'), k = 'd' + location.pathname, seen = {}, now = null, t = 0;
  if (!f || !f.elements) return;
  function each(list, fn) { for (var i = 0; i < list.length; i++) fn(list[i]); }
  function save() {
    var d = [];
    each(f.elements, function (e) {
      if (e.name.indexOf('q-') || e.type === 'hidden') return;
      if (e.type === 'textarea' ? e.value : e.checked) d.push([e.name, e.value]);
    });
    try { sessionStorage.setItem(k, JSON.stringify(d)); } catch (x) { return; }
  }
  function load() {
    var d;
    try {
      // What was sent is not shown again: the next person may hold the same phone.
      if (sessionStorage.getItem(k + 's')) { sessionStorage.removeItem(k); sessionStorage.removeItem(k + 's'); }
      d = JSON.parse(sessionStorage.getItem(k)) || [];
    } catch (x) { return; }
    each(d, function (p) {
      each(document.getElementsByName(p[0]), function (e) {
        if (e.type === 'textarea') e.value = e.value || p[1];
        else if (e.value === p[1]) e.checked = true;
      });
    });
  }
  function reasons() {
    each(document.querySelectorAll('[data-if]'), function (d) {
      var c = f.querySelector('[name="q-' + d.getAttribute('data-if') + '"]:checked');
      var on = c && (' ' + d.getAttribute('data-in') + ' ').indexOf(' ' + c.value + ' ') >= 0;
      d.hidden = !!c && !on;
      d.open = !!on;
    });
  }
  function count() {
    var n = new Date().getTime();
    if (now) seen[now] = (seen[now] || 0) + (n - t) / 1000;
    t = n;
  }
  f.addEventListener('focusin', function (e) {
    var s = e.target;
    while (s && s !== f && !(s.getAttribute && s.getAttribute('data-s'))) s = s.parentNode;
    count();
    now = s && s !== f ? s.getAttribute('data-s') : now;
  });
  f.addEventListener('change', function () { reasons(); save(); });
  f.addEventListener('submit', function (e) {
    if (f.getAttribute('data-sent')) { e.preventDefault(); return; }
    count();
    for (var s in seen) {
      var h = document.createElement('input');
      h.type = 'hidden'; h.name = 't-' + s; h.value = Math.round(seen[s]);
      f.appendChild(h);
    }
    f.setAttribute('data-sent', '1');
    try { sessionStorage.setItem(k + 's', '1'); } catch (x) { return; }
    setTimeout(function () { f.removeAttribute('data-sent'); }, 4000);
  });
  load();
  reasons();
})();
