/* An extra: while an item is written, the phone beside it follows. It presses the button
   "see how it looks first", which works without it. ES5. */
(function (d) {
  var look = d.querySelector('button[formtarget="phone"]');
  var form = look && look.form;
  var waiting;
  if (!form || !form.requestSubmit) return;
  function show() {
    if (d.getElementById('text_zh').value) form.requestSubmit(look);
  }
  form.addEventListener('input', function () {
    clearTimeout(waiting);
    waiting = setTimeout(show, 500);
  });
  form.addEventListener('submit', function () { clearTimeout(waiting); });
})(document);
