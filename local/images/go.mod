module rampart.local/images

go 1.24
