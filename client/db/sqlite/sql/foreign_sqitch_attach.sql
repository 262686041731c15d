-- ?1 the file of sqitch's registry
-- gives: nothing; the file is another schema from then on
ATTACH DATABASE ?1 AS sqitch;
