/* An extra: points from a chart to its table and back. A row that is pointed at, in either,
   is lit in both; pressed, it stays lit until another is. Without it every hint is still
   there as the browser's own tooltip, and every number in the table. ES5. */
(function (d) {
  var held = null;
  function row(target) {
    var place = target.closest ? target.closest('[data-row]') : null;
    return place && place.closest('.chart') ? place : null;
  }
  function light(place, on) {
    if (!place) return;
    var same = '[data-row="' + place.getAttribute('data-row') + '"]';
    var all = place.closest('.chart').querySelectorAll(same);
    for (var i = 0; i < all.length; i++) all[i].classList[on ? 'add' : 'remove']('is-lit');
  }
  d.addEventListener('mouseover', function (event) { light(row(event.target), true); });
  d.addEventListener('mouseout', function (event) {
    var place = row(event.target);
    if (place && place !== held) light(place, false);
  });
  d.addEventListener('click', function (event) {
    var place = row(event.target);
    if (!place || event.target.closest('a')) return;
    light(held, false);
    held = place === held ? null : place;
    light(held, true);
  });
})(document);
