#pragma once
double ck_log(double x);
double ck_normal_from_unit(double u);
