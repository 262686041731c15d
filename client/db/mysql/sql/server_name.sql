-- gives: what people call this server
SELECT @@hostname AS name;
